"""Long lists, fifty rows at a time. The place is a key and not a number, so late pages cost what early ones do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

T = TypeVar("T", bound=Model)
PAGE = 50
DIGITS = 40  # more than any key has


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """Some rows of a list: those after the key `past` (empty: from the start), and the key the next ones follow."""

    rows: Sequence[T]
    past: str
    following: str  # empty where nothing follows


def stretch(found: QuerySet[T], key: str, past: str = "", size: int = PAGE) -> Stretch[T]:
    """The rows after a key, in the key's order: `rank` from the least up, `-seq` from the greatest down.

    The key is a column of whole numbers, each only once in the list. A place that is no number is the start.
    """
    column = key.removeprefix("-")
    after = past if past.isascii() and past.isdigit() and len(past) <= DIGITS else ""
    side = "lt" if key.startswith("-") else "gt"
    rest = found.filter(**{f"{column}__{side}": int(after)}) if after else found
    ahead = list(rest.order_by(key)[: size + 1])
    rows = ahead[:size]
    return Stretch(rows, after, str(getattr(rows[-1], column)) if len(ahead) > size else "")
