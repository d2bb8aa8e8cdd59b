"""Log lines without what people wrote or who they are."""

from __future__ import annotations

import logging
import re

from typing_extensions import override

# PostgreSQL repeats the values of a refused row below its message.
_VALUES = re.compile(r"^(DETAIL|CONTEXT|LINE \d+|HINT):.*(?:\n[ \t].*)*\n?", re.MULTILINE)


class DiscreetFormatter(logging.Formatter):
    """Formats a record, leaving out the values PostgreSQL puts below an error."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """As in logging; message and trace alike lose those lines."""
        return _VALUES.sub("", super().format(record)).rstrip()
