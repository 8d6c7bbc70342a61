"""Measures what is promised, on this machine, and writes `docs/benchmarks.md`: one section for each module beside it.

`make bench` measures everything; `make bench ONLY="drill clone"` some of it, and leaves the rest of the page as it was.
A module's `measure()` gives rows of columns (`{row: {column: value}}`), or tables of them by their heading.
"""

import importlib
import os
import platform
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = "# Benchmarks\n\n<!-- written by `make bench`; do not edit -->\n"
TOPICS = (
    "drill", "worlds", "clone", "imports", "linkage", "search", "quality", "snapshot", "province", "impact", "welfare",
    "foresee", "cap", "warning", "selection", "rivals", "dispatch", "policy", "field",
)  # fmt: skip


def machine() -> str:
    """The machine, in a line."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {cpu}, {memory:.0f} GiB, Python {platform.python_version()}, {platform.system()}"


def section(topic: str) -> str:
    """A topic's part of the page, measured now."""
    module = importlib.import_module(f"tests.bench.{topic}")
    title = (module.__doc__ or topic).strip().splitlines()[0]
    lines = [f"## {topic}", "", title, "", f"{datetime.now(tz=UTC):%Y-%m-%d} · {machine()}", ""]
    return "\n".join([*lines, *_tables(module.measure())])


def _tables(found: dict[str, Any]) -> Iterator[str]:
    if all(_is_row(row) for row in found.values()):
        yield from _table(found)
        return
    for heading, part in found.items():
        yield from (f"### {heading}", "")
        yield from _tables(part if isinstance(part, dict) and not _is_row(part) else {heading: part})


def _is_row(row: Any) -> bool:
    return not isinstance(row, dict) or not any(isinstance(value, dict) for value in row.values())


def _table(rows: dict[str, Any]) -> Iterator[str]:
    filled = {name: row if isinstance(row, dict) else {"figure": row} for name, row in rows.items()}
    columns = list(dict.fromkeys(column for row in filled.values() for column in row))
    yield f"| what | {' | '.join(columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for name, row in filled.items():
        yield f"| {name} | {' | '.join(_cell(row.get(column, '')) for column in columns)} |"
    yield ""


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main(wanted: list[str]) -> None:
    """Measure the wanted topics and write the page anew."""
    if unknown := set(wanted) - set(TOPICS):
        sys.exit(f"no such topic: {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    old = PAGE.read_text() if PAGE.exists() else ""
    parts = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", old, flags=re.MULTILINE | re.DOTALL))
    for topic in wanted or TOPICS:
        print(f"measuring {topic} …", flush=True)
        parts[topic] = section(topic).split("\n", 1)[1]
        body = "".join(f"\n## {name}\n{parts[name].rstrip()}\n" for name in TOPICS if name in parts)
        PAGE.write_text(HEAD + body)
    print(PAGE.read_text())


if __name__ == "__main__":
    main(sys.argv[1:])
