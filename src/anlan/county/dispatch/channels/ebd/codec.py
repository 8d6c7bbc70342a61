"""Emergency broadcast packages: EBDT_<id>.tar with a document and its signature, and what the platform answers.

The element names are those of the 2016 draft of the linking interface, as vendors have built it. They differ from one
to the next, so what differs is a setting.
"""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from anlan.county.dispatch.channels.shape import Outgoing
from anlan.county.dispatch.channels.wire import ProtocolError, Said, Verdict

TIME = "%Y-%m-%d %H:%M:%S"
LONGEST, MEMBERS = 1 << 20, 16
# Of an EBDResponse: 0 received, 1 done; 2 not readable, 3 something missing, 4 signature wrong; 5 other.
TAKEN, HOPELESS = frozenset({"0", "1"}), frozenset({"2", "3", "4"})
UNDER_WAY, PLAYED = frozenset({"0", "1", "2"}), "3"  # 4: failed, also in part; 5: cancelled


@dataclass(frozen=True, slots=True)
class Place:
    """Who speaks to whom. `tag`: EBRID or EBEID, as the vendor has it."""

    source: str
    target: str
    tag: str = "EBRID"


def message_id(source: str, message: Outgoing) -> str:
    """EBMID: our own number, the day it was written, a sequence; the same however often it is sent."""
    return f"{source}{message.created_at:%Y%m%d}{message.pk:04}"


def package_id(source: str, sequence: int) -> str:
    """EBDID: our own number and sixteen digits."""
    return f"{source}{sequence % 10**16:016}"


def broadcast(place: Place, message: Outgoing, event: str, at: datetime) -> bytes:
    """An EBM: say this text in that area, until then."""
    root = _head(place, package_id(place.source, message.pk), "EBM", at)
    until = f"{message.not_after.astimezone(at.tzinfo):{TIME}}" if message.not_after else ""
    _put(root, "EBM", {
        "EBMVersion": "1.0", "EBMID": message_id(place.source, message),
        "MsgBasicInfo": {
            "MsgType": "1", "SenderName": "", "SenderCode": place.source, "SendTime": f"{at:{TIME}}",
            "EventType": event, "Severity": "0", "StartTime": f"{at:{TIME}}", "EndTime": until,
        },
        "MsgContent": {
            "LanguageCode": "zho", "MsgTitle": message.subject, "MsgDesc": message.body, "AreaCode": message.address,
        },
    })  # fmt: skip
    return _written(root)


def question(place: Place, ebmid: str, sequence: int, at: datetime) -> bytes:
    """An EBMStateRequest: what became of it?"""
    root = _head(place, package_id(place.source, sequence), "EBMStateRequest", at)
    _put(root, "EBMStateRequest", {"EBM": {"EBMID": ebmid}})
    return _written(root)


def check(place: Place, sequence: int, at: datetime) -> bytes:
    """A ConnectionCheck: are you there?"""
    root = _head(place, package_id(place.source, sequence), "ConnectionCheck", at)
    _put(root, "ConnectionCheck", {"RptTime": f"{at:{TIME}}"})
    return _written(root)


def packed(ebdid: str, document: bytes, signature: str, certificate: str) -> tuple[str, bytes]:
    """The package's name and bytes; the same document gives the same bytes."""
    sign = etree.Element("Signature")
    for name, value in (("Version", "1.0"), ("RelatedEBD", {"EBDID": ebdid}), ("CertSN", certificate),
                        ("SignatureAlgorithm", "SM2-SM3"), ("SignatureValue", signature)):  # fmt: skip
        _put(sign, name, value)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in ((f"EBDB_{ebdid}.xml", document), (f"EBDS_EBDB_{ebdid}.xml", _written(sign))):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return f"EBDT_{ebdid}.tar", buffer.getvalue()


def multipart(name: str, content: bytes, boundary: str) -> bytes:
    """The body of the POST that carries a package."""
    lines = (
        f"--{boundary}", f'Content-Disposition: form-data; name="file"; filename="{name}"',
        "Content-Type: application/x-tar", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode() + content + f"\r\n--{boundary}--\r\n".encode()


def document_of(given: bytes) -> etree._Element:
    """The document in an answer, which is a package or the bare document. Raises ProtocolError."""
    text = given if given.lstrip()[:1] == b"<" else _main_member(given)
    if len(text) > LONGEST or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ProtocolError("a document too long, or with a type of its own")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise ProtocolError("a document that is not XML") from error
    if root is None or root.tag != "EBD":
        raise ProtocolError("a document that is no EBD")
    return root


def verdict(root: etree._Element) -> Verdict:
    """Whether the platform took a package. Raises ProtocolError."""
    code = _text(root, "EBDResponse/ResultCode")
    if code in TAKEN:
        return Verdict()
    if not code.isascii() or not code.isdigit() or len(code) > 4:
        raise ProtocolError("an answer without a result")
    return Verdict(f"ebd: result {code}", code in HOPELESS)


def state(root: etree._Element) -> Said:
    """What became of a message: played, failed, or under way. Raises ProtocolError."""
    answer = root.find("EBMStateResponse")
    if answer is None:
        raise ProtocolError("an answer without a state")
    named, code = _text(answer, "EBM/EBMID"), _text(answer, "BrdStateCode")
    if not 0 < len(named) <= 64 or code not in {*UNDER_WAY, PLAYED, "4", "5"}:
        raise ProtocolError("a state that does not say of what, or which")
    if code in UNDER_WAY:
        return Said("intermediate", 0, reference=named)
    return Said("report", 0, reference=named, failure="" if code == PLAYED else f"ebd: code {code}")


def _main_member(given: bytes) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(given), mode="r:") as tar:
            for member in tar.getmembers()[:MEMBERS]:
                name = member.name.rpartition("/")[2]
                if member.isfile() and name.startswith("EBDB_") and name.endswith(".xml") and member.size <= LONGEST:
                    file = tar.extractfile(member)
                    return file.read(LONGEST + 1) if file else b""
    except (tarfile.TarError, ValueError, EOFError, OSError) as error:
        raise ProtocolError("an answer that is no package") from error
    raise ProtocolError("a package without a document")


def _head(place: Place, ebdid: str, kind: str, at: datetime) -> etree._Element:
    root = etree.Element("EBD")
    for name, value in (("EBDVersion", "1.0"), ("EBDID", ebdid), ("EBDType", kind), ("SRC", {place.tag: place.source}),
                        ("DEST", {place.tag: place.target}), ("EBDTime", f"{at:{TIME}}")):  # fmt: skip
        _put(root, name, value)
    return root


def _put(parent: etree._Element, name: str, value: object) -> None:
    element = etree.SubElement(parent, name)
    if isinstance(value, Mapping):
        for inner, what in value.items():
            _put(element, inner, what)
    else:
        element.text = "".join(filter(_sayable, str(value)))


def _sayable(each: str) -> bool:
    """Whether XML has this character."""
    return each in "\t\n\r" or " " <= each <= "\ud7ff" or "\ue000" <= each <= "\ufffd" or each >= "\U00010000"


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _text(root: etree._Element, path: str) -> str:
    return (root.findtext(path) or "").strip()
