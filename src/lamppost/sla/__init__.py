"""Service levels: calendars, agreements, clocks.

Pure arithmetic lives in `calendar`, `target`, `pauses`, `engine`, `explain` and `clocks`; it knows
neither the ORM nor a city. Why it answers as it does: docs/decisions/0005-sla-arithmetic.md.
"""

from __future__ import annotations
