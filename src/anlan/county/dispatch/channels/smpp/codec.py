"""SMPP 3.4 as bytes: what a transceiver says and hears."""

import re
import struct
from dataclasses import dataclass
from functools import lru_cache

from anlan.county.dispatch.channels.pieces import decoded, national, pieced
from anlan.county.dispatch.channels.wire import TAKEN, Parcel, ProtocolError, Reply, Said, Verdict, relative

HEADER = struct.Struct(">IIII")
BIND, SUBMIT, DELIVER, UNBIND, ENQUIRE = 0x09, 0x04, 0x05, 0x06, 0x15
NACK, ANSWER = 0x80000000, 0x80000000
TAKE = SUBMIT | ANSWER

OK, THROTTLED, QUEUE_FULL, NOT_TAKEN = 0x00, 0x58, 0x14, 0x65
# Trying again would not help: the address, the sender, the text or the account is wrong.
PERMANENT = frozenset({0x01, 0x02, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34, 0x40, 0x42, 0x43, 0x45, 0x48, 0x49, 0x50,
                       0x51, 0x53, 0x61, 0x62})  # fmt: skip
STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
UNDER_WAY = frozenset({"ENROUTE", "ACCEPTD", "SCHEDUL"})
RECEIPTED_ID, MESSAGE_STATE, PAYLOAD = 0x001E, 0x0427, 0x0424
SAR = (0x020C, 0x020E, 0x020F)  # number, how many, which: of a text in pieces
# service, source (type, plan, number), destination, esm_class, protocol, priority, schedule, validity, receipt,
# replace, coding, a default's number, length
FIELDS = re.compile(
    rb"[^\0]{0,5}\0..(?P<source>[^\0]{0,20})\0..(?P<address>[^\0]{0,20})\0(?P<esm>.)..[^\0]{0,16}\0[^\0]{0,16}\0"
    rb"..(?P<coding>.).(?P<length>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Smpp:
    """The protocol as one account speaks it. `ids="decimal"`: ids are given hexadecimal and reported decimal."""

    user: str
    password: str
    sender: str = ""
    system_type: str = ""
    ids: str = "same"
    name = "smpp"

    def __repr__(self) -> str:
        return f"Smpp({self.user!r})"  # no password in a traceback

    def hello(self, sequence: int) -> bytes:
        """bind_transceiver."""
        body = _text(self.user, 15) + _text(self.password, 8) + _text(self.system_type, 12) + b"\x34\x00\x00\x00"
        return frame(BIND, sequence, body)

    def submit(self, sequence: int, parcel: Parcel, place: int) -> bytes:
        """submit_sm: one segment in UCS-2, receipt asked for."""
        _number, address, pieces, urgent, seconds = parcel
        piece = pieces[place]
        before, after = _around(self.sender, address[:1] == "+", len(pieces) > 1, urgent, seconds)
        body = b"%b%b\x00%b%c%b" % (before, _plain(address.lstrip("+"), 20), after, len(piece), piece)
        return HEADER.pack(16 + len(body), SUBMIT, OK, sequence) + body

    def probe(self, sequence: int) -> bytes:
        """enquire_link."""
        return frame(ENQUIRE, sequence)

    def goodbye(self, sequence: int) -> bytes:
        """unbind."""
        return frame(UNBIND, sequence)

    def read(self, given: bytes) -> Said:
        """One PDU."""
        command, status, sequence, body = unframe(given)
        if command == TAKE:
            reference, zero, _rest = body.partition(b"\x00")
            if body and (not zero or len(reference) > 64):
                raise ProtocolError("an id that does not end")
            if status == OK and not reference:
                raise ProtocolError("a submission taken without an id")
            return Said("accepted", sequence, status, self._reference(_ascii(reference)))
        if command == DELIVER:
            return self._delivered(sequence, body)
        if command == BIND | ANSWER:
            return Said("welcome", sequence, status)
        if command == NACK:
            return Said("accepted", sequence, status or 0x08)
        plain = {ENQUIRE: "probe", ENQUIRE | ANSWER: "probed", UNBIND: "goodbye", UNBIND | ANSWER: "other"}
        return Said(plain.get(command, "other"), sequence, status)  # type: ignore[arg-type]

    def answer(self, said: Said) -> bytes:
        """The response that a PDU asks for."""
        if said.kind in ("report", "reply", "intermediate"):
            return frame(DELIVER | ANSWER, said.sequence, b"\x00")
        if said.kind == "unwanted":
            return frame(DELIVER | ANSWER, said.sequence, b"\x00", status=NOT_TAKEN)
        if said.kind == "probe":
            return frame(ENQUIRE | ANSWER, said.sequence)
        return frame(UNBIND | ANSWER, said.sequence) if said.kind == "goodbye" else b""

    def verdict(self, status: int) -> Verdict:
        """Of a submission or a bind."""
        if status == OK:
            return TAKEN
        return Verdict(f"smpp: 0x{status:02x}", status in PERMANENT, status in (THROTTLED, QUEUE_FULL))

    def _delivered(self, sequence: int, body: bytes) -> Said:
        fixed, text, tlvs = _short_message(body)
        esm_class, text = fixed["esm"][0], text or tlvs.get(PAYLOAD, b"")
        if esm_class & 0x3C == 0:
            return Said("reply", sequence, reply=_reply(fixed, text, tlvs))
        if esm_class & 0x3C not in (0x04, 0x20):
            return Said("unwanted", sequence)
        named, state = _said(text, b"id:"), _said(text, b"stat:").decode("latin-1").upper()
        if tlvs:
            named = tlvs.get(RECEIPTED_ID, b"").rstrip(b"\x00") or named
            state = STATES.get(int.from_bytes(tlvs.get(MESSAGE_STATE, b""), "big"), state)
        if not 0 < len(named) <= 64 or not 0 < len(state) <= 8:
            raise ProtocolError("a receipt that does not say of what")
        reference = self._reported(_ascii(named))
        if state in UNDER_WAY or esm_class & 0x3C == 0x20:
            return Said("intermediate", sequence, reference=reference)
        if state == "DELIVRD":
            return Said("report", sequence, reference=reference)
        code = _said(text, b"err:").decode("latin-1")[:6]
        return Said("report", sequence, reference=reference, failure=f"smpp: {state} {code}".rstrip())

    def _reference(self, given: str) -> str:
        """A submission's id in the form in which receipts will name it."""
        if self.ids == "decimal" and re.fullmatch(r"[0-9A-Fa-f]+", given):
            return str(int(given, 16))
        return given

    def _reported(self, given: str) -> str:
        return str(int(given)) if self.ids == "decimal" and given.isdecimal() else given


def frame(command: int, sequence: int, body: bytes = b"", *, status: int = OK) -> bytes:
    """A PDU."""
    return HEADER.pack(16 + len(body), command, status, sequence) + body


def unframe(given: bytes) -> tuple[int, int, int, bytes]:
    """Command, status, sequence and body of one whole PDU."""
    if len(given) < HEADER.size:
        raise ProtocolError("a PDU without a header")
    length, command, status, sequence = HEADER.unpack_from(given)
    if length != len(given):
        raise ProtocolError(f"a PDU of {len(given)} bytes that claims {length}")
    return command, status, sequence, given[16:]


def read_deliver(body: bytes) -> tuple[int, bytes, dict[int, bytes]]:
    """esm_class, text and optional parameters of a deliver_sm."""
    fixed, text, tlvs = _short_message(body)
    return fixed["esm"][0], text, tlvs


def read_submit(body: bytes) -> tuple[str, int, bytes]:
    """Address, esm_class and text of a submit_sm."""
    fixed, text, _tlvs = _short_message(body)
    return _ascii(fixed["address"]), fixed["esm"][0], text


def _short_message(body: bytes) -> tuple[re.Match[bytes], bytes, dict[int, bytes]]:
    fixed = FIELDS.match(body)
    if fixed is None:
        raise ProtocolError("a short message whose fields do not end")
    start = fixed.end()
    end = start + fixed["length"][0]
    if end > len(body):
        raise ProtocolError("a text shorter than it claims")
    return fixed, body[start:end], _tlvs_of(body, end) if end < len(body) else {}


def _reply(fixed: re.Match[bytes], text: bytes, tlvs: dict[int, bytes]) -> Reply:
    """What somebody wrote; a text in pieces says so in its header or beside it. SMPP has no name for it."""
    thread, part, parts, text = pieced(text, header=bool(fixed["esm"][0] & 0x40))
    if parts == 1 and all(tag in tlvs for tag in SAR):
        number, many, which = (int.from_bytes(tlvs[tag], "big") for tag in SAR)
        if 1 <= which <= many <= 255 and number < 1 << 16:
            thread, part, parts = str(number), which, many
    words = decoded(text, fixed["coding"][0])
    return Reply(national(_ascii(fixed["source"])), words, thread=thread, part=part, parts=parts)


def _tlvs_of(body: bytes, at: int) -> dict[int, bytes]:
    found = {}
    while at < len(body):
        if at + 4 > len(body):
            raise ProtocolError("half an optional parameter")
        tag, length = struct.unpack_from(">HH", body, at)
        found[tag] = body[at + 4 : at + 4 + length]
        if len(found[tag]) != length:
            raise ProtocolError("an optional parameter shorter than it claims")
        at += 4 + length
    return found


def _said(text: bytes, word: bytes) -> bytes:
    """What follows a word of a receipt, up to the next space; nothing where it is not there."""
    start = 0 if text.startswith(word) else text.find(b" " + word) + 1
    if not start and not text.startswith(word):
        return b""
    start += len(word)
    end = text.find(b" ", start)
    return text[start:] if end < 0 else text[start:end]


def _ascii(given: bytes) -> str:
    return given.decode("latin-1").strip()


@lru_cache(maxsize=4096)
def _around(sender: str, abroad: bool, several: bool, urgent: bool, seconds: int) -> tuple[bytes, bytes]:
    """What a submit_sm says before the address, and after it up to the text: the same for most of a warning."""
    own = (0 if sender.isdigit() or not sender else 5, 1 if sender.isdigit() else 0)
    before = b"\x00" + bytes(own) + _text(sender, 20) + (b"\x01\x01" if abroad else b"\x00\x01")
    flags = bytes((0x40 if several else 0x00, 0, 1 if urgent else 0))
    return before, flags + b"\x00" + _text(relative(seconds), 16) + b"\x01\x00\x08\x00"


def _text(text: str, longest: int) -> bytes:
    return _plain(text, longest) + b"\x00"


def _plain(text: str, longest: int) -> bytes:
    coded = text.encode("ascii")
    if len(coded) > longest or b"\x00" in coded:
        raise ValueError(f"longer than {longest} characters, or not plain")
    return coded
