"""Where a request without an account comes from, as a keyed digest: enough to count by, not to find anybody."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.http import HttpRequest

from anlan.county import seal


def of(request: HttpRequest) -> str:
    """The digest of the network address; empty where only a proxy of the county's own is known.

    A proxy adds its visitor's address to the end of X-Forwarded-For. That line is believed only from a private address:
    from the open network anybody may write what they like into it. An IPv6 visitor has a whole /64 to choose from, so
    that is what counts.
    """
    direct = _address(request.META.get("REMOTE_ADDR", ""))
    if direct is not None and not direct.is_private:
        return _digest(direct)
    told = _address(request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    return _digest(told) if told is not None else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def _digest(address: IPv4Address | IPv6Address) -> str:
    known = str(address) if address.version == 4 else address.exploded[:19]
    return seal.ring().digest(known, "discover.origin")
