"""Writing the pages of the guide that are made from the code: ``make docs``."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def write_pages(folder: Path) -> None:
    """Write the made pages into ``folder``, in English."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamppost.settings")
    import django

    django.setup()
    from django.utils import translation

    from lamppost.people.matrix_page import markdown

    with translation.override("en"):
        (folder / "roles.md").write_text(markdown(), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
