"""QR codes, drawn here: a page's address goes to no service to become one. And what address a telephone can reach."""

import io
from ipaddress import ip_address
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from anlan.county.errors import Refused

CLASS = "qr"


class SiteUnknown(Refused):
    """A code that no telephone could follow is not printed."""


def address(request: HttpRequest, path: str) -> str:
    """A page's address as a villager's telephone knows it: the county's setting before what this browser asked for."""
    return f"{settings.SITE}{path}" if settings.SITE else request.build_absolute_uri(path)


def reachable(whole: str) -> bool:
    """Whether a telephone on the open network may get there: no name or number of this machine or of an inner net."""
    parts = urlsplit(whole)
    host = parts.hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return parts.scheme in ("http", "https") and "." in host and not host.endswith((".localhost", ".local"))


def check(whole: str) -> None:
    """Refuse to print an address that only this machine or an inner net can follow."""
    if not reachable(whole):
        raise SiteUnknown(unreachable(whole))


def unreachable(whole: str) -> str:
    """The sentence for an address that no villager can reach."""
    return _("二维码会指向 %(host)s，农户的手机打不开，所以没有生成。请管理员设置 ANLAN_SITE（本站对外的网址）。") % {
        "host": urlsplit(whole).netloc or "—"
    }


def drawn(address: str) -> SafeString:
    """An address as an SVG that a page holds in itself; nothing where no telephone can reach it."""
    if not reachable(address):
        return SafeString("")
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
