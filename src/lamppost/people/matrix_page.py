"""The permissions matrix as a page of the guide; ``make docs`` writes it."""

from __future__ import annotations

from lamppost.people.choices import Role
from lamppost.people.permission_words import WORDS
from lamppost.people.permissions import ALL_DEPARTMENTS, MATRIX, Permission

_HEAD = """# Roles

Who may do what. This page is made from `src/lamppost/people/permissions.py`, the one place that
says so, by `make docs`; a test fails when it is not current. At the desk the same table is under
Tools, Roles.

- **●** for every department; **○** for the person's own department only; empty: refused.
- A refusal of somebody who is signed in is kept in the audit log (Tools, Audit log): who, what,
  when. It survives whatever happens to the change that was tried.
- Nobody on the staff acts on their own report: not on a case they reported under their account,
  not on one they entered as an observation of their own, and not on one that gives an e-mail
  address or phone number known as theirs. A colleague does; their private link stays open to them.
- Who closed a case neither insists that it is fixed when somebody says it is not (they may give
  in), nor takes the second look at it.
- Staff of another city of the same installation are residents here.
"""


def markdown() -> str:
    """Return the page in Markdown, in English."""
    roles = list(Role)
    lines = [_HEAD, "| | " + " | ".join(str(role.label) for role in roles) + " |"]
    lines.append("|---|" + ":-:|" * len(roles))
    for permission in Permission:
        marks = " | ".join(mark(role, permission) for role in roles)
        lines.append(f"| {WORDS[permission]} (`{permission}`) | {marks} |")
    return "\n".join(lines) + "\n"


def mark(role: Role, permission: Permission) -> str:
    """Return how far a role has a permission: ``●`` everywhere, ``○`` own department, or ''."""
    if permission not in MATRIX[role]:
        return ""
    is_everywhere = role in ALL_DEPARTMENTS or permission is Permission.CASE_FILE
    return "●" if is_everywhere else "○"
