"""Asking for rows by many keys at once."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models


@models.ForeignObject.register_lookup  # keys keep lookups of their own
@models.Field.register_lookup
class Among(models.Lookup):
    """`pk__among=ids`: `IN` with one parameter however many there are, so no list is too long and none is slow to say.

    The values must already be of the column's Python type: whole numbers or text.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The values as one JSON array."""
        lhs, params, values = self._sides(compiler, connection)
        return f"{lhs} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(values)]  # noqa: S608 (a column)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The values as one array."""
        lhs, params, values = self._sides(compiler, connection)
        return f"{lhs} = ANY(%s)", [*params, values]

    def _sides(self, compiler: Any, connection: Any) -> tuple[str, Sequence[Any], list[Any]]:
        values = list(self.rhs)
        if not values:
            raise EmptyResultSet
        lhs, params = self.process_lhs(compiler, connection)
        return lhs, params, values
