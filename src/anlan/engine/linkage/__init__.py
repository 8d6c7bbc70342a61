"""The same person across lists. Cells are put into a standard form, then a cascade of named rules links rows.

The rules are data (`rules.toml`) and plain SQL, run on DuckDB here and unchanged on Spark or PostgreSQL.
"""

from anlan.engine.linkage.cascade import Comparison, Options, compare
from anlan.engine.linkage.standard import FIELDS

__all__ = ["FIELDS", "Comparison", "Options", "compare"]
