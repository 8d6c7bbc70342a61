"""What handsets send, read: headers of texts in pieces, codings, numbers. Nothing here fails: what cannot be read is
kept as it looks."""

from unicodedata import category

LONGEST, LONGEST_NUMBER = 1000, 32
UCS2, GBK = 8, 15
_CONCATENATED = {0x00: 1, 0x08: 2}  # by the element's name: the bytes of the text's number


def pieced(content: bytes, *, header: bool) -> tuple[str, int, int, bytes]:
    """The thread's number, which piece of how many it is, and the text itself; one of one where no header says more."""
    if not header or not content or content[0] + 1 > len(content):
        return "", 1, 1, content
    elements, text = content[1 : content[0] + 1], content[content[0] + 1 :]
    at = 0
    while at + 2 <= len(elements):
        name, length = elements[at], elements[at + 1]
        value = elements[at + 2 : at + 2 + length]
        wide = _CONCATENATED.get(name)
        if wide is not None and length == wide + 2 == len(value):
            number, parts, part = int.from_bytes(value[:wide], "big"), value[wide], value[wide + 1]
            return (str(number), part, parts, text) if 1 <= part <= parts and parts > 1 else ("", 1, 1, text)
        at += 2 + length
    return "", 1, 1, text


def decoded(text: bytes, coding: int) -> str:
    """The characters, without those that cannot be shown; what is no character of the coding becomes U+FFFD."""
    if coding & 0x0F == UCS2:
        return shown(text.decode("utf-16-be", "replace"))
    return shown(text.decode("gb18030" if coding & 0x0F == GBK else "latin-1", "replace"))


def shown(text: str) -> str:
    """A text as it may be kept: no control characters, no halves of characters, not endless."""
    return "".join(each for each in text[:LONGEST] if category(each) not in ("Cc", "Cs") or each in "\n\t")


def national(number: str) -> str:
    """A telephone number as the register has it: China's mobile numbers without their country."""
    plain = shown(number).strip()[:LONGEST_NUMBER]
    bare = plain.removeprefix("+").removeprefix("00").removeprefix("86")
    return bare if len(bare) == 11 and bare.isascii() and bare.isdigit() and bare[0] == "1" else plain
