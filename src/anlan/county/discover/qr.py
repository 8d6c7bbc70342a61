"""QR codes, drawn here: a page's address goes to no service to become one."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

CLASS = "qr"


def drawn(address: str) -> SafeString:
    """An address as an SVG that a page holds in itself."""
    code = segno.make(address, error="m", micro=False)
    # With a box to scale and no size of its own: a style may draw it as large as it likes, and cuts nothing off.
    svg = code.svg_inline(svgclass=CLASS, lineclass=None, title=_("二维码"), omitsize=True)
    return mark_safe(svg)  # noqa: S308 (ours)


def png(address: str) -> io.BytesIO:
    """The same as a picture for a document."""
    file = io.BytesIO()
    segno.make(address, error="m", micro=False).save(file, kind="png", scale=8)
    file.seek(0)
    return file
