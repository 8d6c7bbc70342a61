"""Collect every text that users see into the translation file, or check that none is missing.

    python tools/messages.py            bring django.po up to date; what is new waits for its English
    python tools/messages.py --check    fail on texts that are missing, empty or no longer used

Chinese is the source. The file is sorted and carries no dates or places, so that it changes only where a text does.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

COUNTY = Path(__file__).resolve().parents[1] / "src" / "anlan" / "county"
FILE = COUNTY / "locale" / "en" / "LC_MESSAGES" / "django.po"
HEADER = """msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
    "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%")

Key = tuple[str | tuple[str, ...], str | None]


def used() -> Catalog:
    """Every text in the county's code and templates."""
    catalog = Catalog(locale="en")
    for path in sorted(COUNTY.rglob("*.py")):
        _collect(catalog, "python", path.read_bytes())
    for path in sorted([*COUNTY.rglob("*.html"), *COUNTY.rglob("templates/**/*.txt")]):
        # What Django makes of a template is not quite Python; the JavaScript reader takes it as it comes.
        _collect(catalog, "javascript", templatize(path.read_text()).encode())
    return catalog


def _collect(catalog: Catalog, method: str, source: bytes) -> None:
    for _line, text, _comments, context in extract(method, io.BytesIO(source), keywords=KEYWORDS):
        catalog.add(text, context=context)


def kept() -> Catalog:
    """The translations as they stand."""
    if not FILE.exists():
        return Catalog(locale="en")
    with FILE.open("rb") as file:
        return read_po(file, locale="en")


def keyed(catalog: Catalog) -> dict[Key, Message]:
    """A catalogue's messages by text and context, without its header."""
    return {(message.id, message.context): message for message in catalog if message.id}


def written(texts: Catalog, translations: Catalog) -> bytes:
    """The file's contents: every used text with the translation that is known for it."""
    known = keyed(translations)
    merged = Catalog(locale="en")
    for key, message in keyed(texts).items():
        merged.add(message.id, known[key].string if key in known else None, context=message.context)
    out = io.BytesIO()
    write_po(out, merged, width=0, sort_output=True, no_location=True, omit_header=True)
    return HEADER.encode() + out.getvalue().rstrip(b"\n") + b"\n"


def problems(texts: Catalog, translations: Catalog) -> Iterator[str]:
    """What is wrong with the translations, a line each."""
    wanted, known = keyed(texts), keyed(translations)
    yield from (f"missing\t{key[0]}" for key in sorted(wanted.keys() - known.keys(), key=str))
    yield from (f"obsolete\t{key[0]}" for key in sorted(known.keys() - wanted.keys(), key=str))
    for key in sorted(wanted.keys() & known.keys(), key=str):
        strings = known[key].string
        forms = (strings,) if isinstance(strings, str) else strings
        if not all(forms):
            yield f"empty\t{key[0]}"
        elif any(_placeholders(form) != _placeholders(key[0]) for form in forms):
            yield f"placeholders differ\t{key[0]}"


def _placeholders(text: str | tuple[str, ...]) -> set[str]:
    return set(PLACEHOLDER.findall(text if isinstance(text, str) else text[-1]))


def main() -> int:
    """Update the file, or check it."""
    texts, translations = used(), kept()
    if "--check" in sys.argv:
        found = list(problems(texts, translations))
        print("\n".join(found) or f"{len(keyed(texts))} texts, all translated")
        return 1 if found else 0
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(written(texts, translations))
    waiting = [key for key, message in keyed(kept()).items() if not message.string or message.string == ("", "")]
    print(f"{len(keyed(texts))} texts, {len(waiting)} waiting for their English")
    return 0


if __name__ == "__main__":
    sys.exit(main())
