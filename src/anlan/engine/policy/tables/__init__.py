"""Decision tables as data: 条件 | 结果 | 依据 | 起止日期, by level and day, for one household and for a million.

`{cn,jx,anyi}/tables/*.toml` hold the rows, `*.cases.toml` beside them examples that an official can read and sign.
"""

from anlan.engine.policy.tables.answers import Answer, Explained, Fired, Judged, Used
from anlan.engine.policy.tables.cases import Case, Difference, cases, differences, moved, plain
from anlan.engine.policy.tables.rows import Row, Table, Version
from anlan.engine.policy.tables.rulebook import Rulebook, book
from anlan.engine.policy.tables.rules import Rules, on

__all__ = [
    "Answer",
    "Case",
    "Difference",
    "Explained",
    "Fired",
    "Judged",
    "Row",
    "Rulebook",
    "Rules",
    "Table",
    "Used",
    "Version",
    "book",
    "cases",
    "differences",
    "moved",
    "on",
    "plain",
]
