"""A text as segments of short messages: UCS-2, 70 characters in one, 67 in each of several."""

from functools import lru_cache

ALONE, TOGETHER, MOST = 70, 67, 255


@lru_cache(maxsize=256)
def parts(text: str) -> tuple[bytes, ...]:
    """The text in UCS-2, cut where a handset can put it together again; no character is cut in two."""
    units = text.encode("utf-16-be", "surrogatepass")
    if len(units) <= ALONE * 2:
        return (units,)
    cut, start = list[bytes](), 0
    while start < len(units):
        end = start + TOGETHER * 2
        if end < len(units) and 0xD8 <= units[end - 2] <= 0xDB:  # half of a character outside the first plane
            end -= 2
        cut.append(units[start:end])
        start = end
    return tuple(cut)


def segments(text: str) -> int:
    """How many segments a carrier counts, and bills."""
    return len(parts(text))


def joined(text: str, number: int) -> tuple[bytes, ...]:
    """The segments as they go over the air: several carry a header that names the message, their count and place.

    The same message sent again has the same number, so that a handset that has half of it can use the other half.
    """
    return _named(text, number % 256)


@lru_cache(maxsize=1024)  # a warning's text goes to thousands
def _named(text: str, number: int) -> tuple[bytes, ...]:
    cut = parts(text)
    if len(cut) == 1:
        return cut
    if len(cut) > MOST:
        raise ValueError(f"a message of {len(cut)} segments; no more than {MOST} can be sent")
    return tuple(bytes((5, 0, 3, number, len(cut), place)) + part for place, part in enumerate(cut, 1))
