"""format=flowed (RFC 3676): lines that a mail program broke are one line again."""

from __future__ import annotations

SIGNATURE = "-- "


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Return ``text`` with its soft breaks taken out (RFC 3676, section 4.2).

    ``delsp`` is the parameter of the same name: the blank before a soft break goes, too.
    """
    # Pieces, joined at the end: a paragraph may have been broken a hundred thousand times.
    lines: list[list[str]] = []
    depth_before, is_open = 0, False
    for raw in text.splitlines():
        depth, line = _quoted(raw)
        # Space-stuffing (4.4): a blank put before what would look like something else.
        line = line.removeprefix(" ")
        is_signature = line == SIGNATURE
        if is_open and depth == depth_before and not is_signature:
            lines[-1].append(line)
        else:
            lines.append([">" * depth + (" " if depth else ""), line])
        is_open = line.endswith(" ") and not is_signature
        if is_open and delsp:
            lines[-1][-1] = line[:-1]
        depth_before = depth
    return "\n".join("".join(pieces) for pieces in lines)


def _quoted(line: str) -> tuple[int, str]:
    rest = line.lstrip(">")
    return len(line) - len(rest), rest
