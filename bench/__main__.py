"""``make bench``: real HTTP against a full database, each figure beside bare PostgreSQL.

Prints the table and writes ``var/bench.json``. BENCH_CASES sets the size (default 1,000,000),
BENCH_SECONDS how long each figure is measured (default 8).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "var" / "bench"
os.environ["LAMPPOST_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "lamppost.settings"
os.environ.pop("DATABASE_URL", None)

CASES = int(os.environ.get("BENCH_CASES", "1000000"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))


def main() -> int:
    """Measure everything; 0 whatever the figures, they are for reading."""
    import django

    django.setup()
    from bench.danger import danger_figures, print_table
    from bench.figures import table
    from bench.grounds import Grounds
    from bench.importing import import_figures
    from bench.memory import memory_figure
    from bench.open311 import CONNECTIONS, Bench
    from bench.pages import page_figures
    from bench.serving import serving
    from bench.traces import removed_afterwards
    from lamppost.cities.models import City
    from lamppost.database.embedded import running

    with running(HOME) as cluster:
        _fill()
        city = City.objects.filter(is_demo=True, is_sandbox=False).get()
        with removed_afterwards(cluster):
            with serving(
                "lamppost.commands.web", "--workers", "2", path="/open311/v2/services.json"
            ) as port:
                figures = Bench(cluster, city, port, SECONDS).figures()
                figures += page_figures(city, port, seconds=SECONDS)
            figures.append(memory_figure(city, Grounds(HOME), seconds=SECONDS))
            figures += import_figures(cluster, city.pk)
    print(f"\n{CASES:,} cases, 2 web workers, {CONNECTIONS} connections, {SECONDS} s each")
    print(table(figures))
    print("\nWords of danger\n")
    print_table()
    figures += danger_figures()
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "bench.json").write_text(
        json.dumps([asdict(figure) for figure in figures], indent=1) + "\n"
    )
    return 0


def _fill() -> None:
    subprocess.run(
        [
            sys.executable, "-m", "lamppost.cli", "demo", "--prepare-only",
            "--cases", str(CASES),
        ],
        check=True,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
