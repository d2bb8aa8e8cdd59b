"""What differs between two packs, in lines people can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lamppost.packs import (
    center_shapes,
    channel_shapes,
    knowledge_shapes,
    notices_shapes,
    retention_shapes,
    shapes,
    work_shapes,
)
from lamppost.packs.content import AgreementVersion, AreaKind, Pack
from lamppost.packs.knowledge_content import Article
from lamppost.packs.schema import ORDER, Leaf, Path, order_leaf, row_leaves, rows_leaves

MAX_SHOWN = 70


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same; empty means that it is not there."""

    path: Path
    stored: str
    wanted: str
    action: str

    def __str__(self) -> str:
        name = "/".join(self.path)
        if self.action == "added":
            return f"+ {name}" + (f": {_short(self.wanted)}" if self.wanted else "")
        if self.action == "removed":
            return f"- {name}" + (f": {_short(self.stored)}" if self.stored else "")
        return f"~ {name}: {_short(self.stored)} -> {_short(self.wanted)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f'"{line if len(line) <= MAX_SHOWN else line[: MAX_SHOWN - 1] + "…"}"'


def _area_leaves(kinds: tuple[AreaKind, ...]) -> Iterator[Leaf]:
    yield order_leaf(("areas",), [kind.code for kind in kinds])
    for kind in kinds:
        below = ("areas", kind.code)
        yield Leaf(below, "")
        yield Leaf((*below, "public"), "yes" if kind.is_public else "no")
        yield Leaf((*below, "limits"), "yes" if kind.is_limits else "no")
        yield from _texts((*below, "name"), kind.name)
        for area in kind.areas:
            inside = (*below, "areas", area.code)
            yield Leaf(inside, "")
            yield Leaf((*inside, "boundary"), str(area.boundary))
            yield Leaf((*inside, "approximate"), "yes" if area.is_approximate else "no")
            yield Leaf((*inside, "source"), area.source)
            yield from _texts((*inside, "name"), area.name)


def _texts(path: Path, texts: object) -> Iterator[Leaf]:
    if isinstance(texts, dict):
        for language in sorted(texts):
            if texts[language]:
                yield Leaf((*path, language), texts[language])


def _agreement_leaves(versions: tuple[AgreementVersion, ...]) -> Iterator[Leaf]:
    for version in versions:
        day = version.effective_from.isoformat()
        below = ("agreements", version.service, version.department, day)
        yield Leaf(below, "")
        yield Leaf((*below, "until"), str(version.effective_to or ""))
        yield Leaf((*below, "calendar"), version.calendar)
        yield Leaf((*below, "approved_by"), version.approved_by)
        yield Leaf((*below, "evidence"), version.evidence)
        for target in version.targets:
            scope = [target.kind, *target.area, *([target.priority] if target.priority else [])]
            promise = f"{target.amount} {target.unit} ({target.day_end})"
            yield Leaf((*below, " ".join(scope)), promise)


def leaves(pack: Pack) -> Iterator[Leaf]:
    """Yield every value of a pack that a change could be about."""
    yield from row_leaves(shapes.CITY, pack.city, ("city",))
    if pack.center is not None:
        yield from row_leaves(center_shapes.CENTER_RULES, pack.center, ("center",))
    if pack.phone_line is not None:
        yield from row_leaves(channel_shapes.PHONE_LINE, pack.phone_line, ("line",))
    for shape, rows, name in (
        (shapes.DEPARTMENT, pack.departments, "departments"),
        (shapes.GROUP, pack.groups, "groups"),
        (shapes.SERVICE, pack.services, "services"),
        (shapes.PAUSE_REASON, pack.pause_reasons, "pause_reasons"),
        (shapes.STATUS, pack.statuses, "statuses"),
        (shapes.OUTCOME, pack.outcomes, "outcomes"),
        (shapes.CALENDAR, pack.calendars, "calendars"),
        (shapes.ESCALATION_STEP, pack.escalation, "escalation"),
        (shapes.ROUTING_RULE, pack.routing, "routing"),
        (shapes.PLACE_KIND, pack.place_kinds, "places"),
        (work_shapes.WORK_ITEM, pack.work_items, "work_items"),
        (work_shapes.REPLY, pack.replies, "replies"),
        (work_shapes.MACRO, pack.macros, "macros"),
        (center_shapes.DISPOSITION, pack.dispositions, "dispositions"),
        (center_shapes.MONITORING_QUESTION, pack.monitoring, "monitoring"),
        (center_shapes.SURGE_TEXT, pack.surge_texts, "surge_texts"),
        (channel_shapes.SPOKEN_LANGUAGE, pack.spoken_languages, "spoken_languages"),
        (channel_shapes.KEYWORD, pack.keywords, "keywords"),
        (retention_shapes.RETENTION_RULE, pack.retention, "retention"),
        (knowledge_shapes.TOPIC, pack.topics, "topics"),
        (knowledge_shapes.ARTICLE, pack.articles, "articles"),
        (knowledge_shapes.DIRECTORY, pack.directory, "directory"),
        (notices_shapes.NOTICE, pack.notices, "notices"),
        (notices_shapes.QUIET_HOURS, pack.quiet_hours, "quiet_hours"),
    ):
        yield from rows_leaves(shape, rows, (name,))
    for move in pack.moves:
        needs = "needs a reason" if move.needs_reason else ""
        yield Leaf(("moves", f"{move.from_status} to {move.to_status}"), needs)
    for text in pack.texts:
        yield Leaf(("text", text.key), "")
        yield from _texts(("text", text.key), dict(text.text))
    yield from _agreement_leaves(pack.agreements)
    yield from _area_leaves(pack.area_kinds)


def _without_the_desks(stored: Pack, wanted: Pack) -> Pack:
    """Leave out what the desk made and ``wanted`` does not know: applying it keeps that."""
    known = {(one.service, one.department, one.effective_from) for one in wanted.agreements}
    kept = tuple(
        one
        for one in stored.agreements
        if not one.of_desk or (one.service, one.department, one.effective_from) in known
    )
    return replace(stored, agreements=kept, articles=_as_packed(stored, wanted))


def _as_packed(stored: Pack, wanted: Pack) -> tuple[Article, ...]:
    """Take an article edited at the desk for what the pack last said, if it says so still."""
    named = {row.code: row for row in wanted.articles}
    found = []
    for row in stored.articles:
        asked = named.get(row.code)
        if not row.of_desk or row == asked:
            found.append(row)
        elif asked is None and row.packed is None:
            continue  # The desk's own: no pack knows it, and applying leaves it alone.
        else:
            found.append(asked if asked is not None and row.packed == asked else row)
    return tuple(found)


def _is_below(path: Path, rows: set[Path]) -> bool:
    return any(path[:depth] in rows for depth in range(1, len(path)))


def _is_same_order(path: Path, old: str | None, new: str | None) -> bool:
    """Return whether siblings kept their order; those added or removed have their own line."""
    if path[-1] != ORDER:
        return False
    before, after = (old or "").split(", "), (new or "").split(", ")
    return [code for code in before if code in after] == [code for code in after if code in before]


def compare(stored: Pack | None, wanted: Pack) -> list[Difference]:
    """Return what applying ``wanted`` over ``stored`` (None for no such city) would change.

    A row that is new or gone is one line; its values are not repeated under it.
    """
    stored = _without_the_desks(stored, wanted) if stored else None
    before = {leaf.path: leaf.value for leaf in leaves(stored)} if stored else {}
    after = {leaf.path: leaf.value for leaf in leaves(wanted)}
    found: list[Difference] = []
    whole: set[Path] = set()
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new or _is_below(path, whole) or _is_same_order(path, old, new):
            continue
        if old is None or new is None:
            whole.add(path)
            action = "added" if old is None else "removed"
            found.append(Difference(path, old or "", new or "", action))
        else:
            found.append(Difference(path, old, new, "changed"))
    return found
