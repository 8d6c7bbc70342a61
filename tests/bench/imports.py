"""What a whole county's file costs: import new, import unchanged, import changed, export; in processes of their own.

Households are synthetic, one row each with twenty columns, every identity number valid and nobody's.
`ANLAN_BENCH_HOUSEHOLDS` says how many (100,000); `ANLAN_BENCH_POSTGRESQL` names an empty PostgreSQL database, and
without it there is SQLite alone.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anlan.county.registry.identity import check_digit
from anlan.county.registry.sheets import writing

MAIN = "from anlan.cli import main; main()"
COUNTY = """
import django; django.setup()
from anlan.county.office.actions import enrol_divisions, found_county, load_reference
load_reference()
found_county(code="360123000000", name="安义县", synthetic=True, lon=115.55, lat=28.84)
towns = [(f"3601231{t:02d}000", f"示例{t}镇", 115.6, 28.9) for t in range(7)]
villages = [(f"3601231{t:02d}{v}", f"示例{t}{v}村", 115.6, 28.9) for t in range(7) for v in range(201, 221)]
enrol_divisions([*towns, *villages], synthetic=True)
"""
VILLAGES = [f"3601231{town:02d}{village}" for town in range(7) for village in range(201, 221)]
HEADINGS = (
    "户编号", "行政区划代码", "户主姓名", "户主身份证号", "家庭人口数", "村民小组", "联系电话", "家庭住址", "经度",
    "纬度", "工资性收入", "生产经营性收入", "转移性收入", "耕地面积", "房屋结构", "危房等级", "住房面积", "是否脱贫户",
    "监测对象类别", "首次识别时间",
)  # fmt: skip


def id_number(serial: int) -> str:
    """A valid number in an area that was never assigned."""
    rest, order = divmod(serial, 1000)
    rest, day = divmod(rest, 28)
    rest, month = divmod(rest, 12)
    decade, year = divmod(rest, 60)
    body = f"99012{decade % 10}{1940 + year}{month + 1:02d}{day + 1:02d}{order:03d}"
    return body + check_digit(body)


def rows(households: int, more_wage: int = 0) -> Iterator[tuple[Any, ...]]:
    """One row a household."""
    for at in range(households):
        village, watched = VILLAGES[at % len(VILLAGES)], at % 50 == 0
        yield (
            f"{village}{at // len(VILLAGES) + 1:05d}", village, f"示例{at % 977}", id_number(at), at % 6 + 1,
            at % 20 + 1, f"138{at:08d}", f"{at % 20 + 1}组{at}号", 115.5 + at % 1000 / 1e4, 28.8 + at % 777 / 1e4,
            10_000 + at % 9000 + more_wage, 5000.5, 300.0, 4.5, "砖木", "B", 90.0, "是" if at % 5 == 0 else "否",
            "边缘易致贫户" if watched else "无", "2025-03-04" if watched else None,
        )  # fmt: skip


def run(environment: dict[str, str], *words: str) -> dict[str, Any]:
    """One command, and what it cost: wall and CPU seconds, peak memory of the process."""
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", *words], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words[1:])} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figure = {"wall_s": round(time.monotonic() - begun, 1), "cpu_s": round(cpu, 1)}
    figure["peak_mb"] = round(usage.ru_maxrss / 1024)
    return {**figure, "said": json.loads(said) if said.startswith(b"{") else None}


def on(database: str, folder: Path, households: int) -> dict[str, Any]:
    """Every figure on one database."""
    environment = {**os.environ, "ANLAN_DATABASE": database, "ANLAN_HOME": str(folder)}
    environment["DJANGO_SETTINGS_MODULE"] = "anlan.county.config.settings"
    run(environment, MAIN, "setup", "--json")
    run(environment, COUNTY)
    found: dict[str, Any] = {}
    for name, file, expected in (
        ("import, all new", "a.xlsx", "new"), ("the same again", "a.xlsx", "unchanged"),
        ("every household changed", "b.xlsx", "changed"),
    ):  # fmt: skip
        figure = run(environment, MAIN, "registry", "import", str(folder / file), "--json")
        assert figure.pop("said")[expected] == households, name
        found[name] = figure
    words = ("registry", "export", "--out", str(folder / "out.xlsx"), "--layout", "list", "--json")
    found["export, 12 columns"] = run(environment, MAIN, *words)
    assert found["export, 12 columns"].pop("said")["households"] == households
    return found


def measure() -> dict[str, Any]:
    """Import and export at full size on SQLite, and on PostgreSQL where there is one."""
    households = int(os.environ.get("ANLAN_BENCH_HOUSEHOLDS", "100000"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, more_wage in (("a.xlsx", 0), ("b.xlsx", 7)):
            with writing(folder / file) as book:
                book.sheet("名册", [HEADINGS], rows(households, more_wage), len(HEADINGS))
        many = f"{households:,} households"
        figures = {f"SQLite, {many}": on(f"sqlite:///{folder}/county.sqlite3", folder, households)}
        if postgresql := os.environ.get("ANLAN_BENCH_POSTGRESQL"):
            figures[f"PostgreSQL, {many}"] = on(postgresql, folder, households)
        return figures


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=1))
