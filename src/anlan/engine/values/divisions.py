"""Division codes: twelve digits whose significant prefix contains all beneath it (GB/T 2260, 统计用区划代码)."""

LEVELS: tuple[str, ...] = ("province", "prefecture", "county", "township", "village")
_WIDTHS: tuple[int, ...] = (2, 4, 6, 9, 12)


def significant(code: str) -> str:
    """The digits that name the division: `360123000000` → `360123`, `360123101000` → `360123101`.

    Accepts a code of 2, 4, 6, 9 or 12 digits; raises ValueError for anything else.
    """
    if not (code.isascii() and code.isdigit()) or len(code) not in _WIDTHS:
        raise ValueError(f"not a division code: {code!r}")
    shortest = code.rstrip("0")
    return code[: next(width for width in _WIDTHS if width >= max(len(shortest), 2))]


def level(code: str) -> str:
    """The level a code names."""
    return LEVELS[_WIDTHS.index(len(significant(code)))]


def full(code: str) -> str:
    """The twelve-digit form of a shorter code."""
    return significant(code).ljust(12, "0")


def contains(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` or stands under it."""
    return significant(inner).startswith(significant(outer))


def parent(code: str) -> str | None:
    """The twelve-digit code one level up, or None for a province."""
    width = _WIDTHS.index(len(significant(code)))
    return full(code[: _WIDTHS[width - 1]]) if width else None


def after(prefix: str) -> str:
    """The first string past everything that begins with `prefix`, for a range on an index."""
    return str(int(prefix) + 1).rjust(len(prefix), "0")
