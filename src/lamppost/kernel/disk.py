"""The disk, when it takes no more."""

from __future__ import annotations

import errno

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def is_full(error: BaseException) -> bool:
    """Whether ``error`` means that nothing can be written just now: full, over quota, read-only."""
    return isinstance(error, OSError) and error.errno in _FULL
