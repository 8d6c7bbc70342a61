"""What a phone sends, read strictly: every refusal is a sentence that names the field."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from anlan.county.discover import rules as leads
from anlan.county.errors import BadInput
from anlan.county.registry import pictures
from anlan.county.verify import rules
from anlan.county.verify.actions import NOTE_LENGTH
from anlan.county.verify.causes import BLANKS, DETAILS, LOSS, fits
from anlan.county.verify.field.merging import FIELDS, NUMBERS, Flat
from anlan.county.verify.field.rules import MOST_PHOTOS, OUTCOME, PHOTO_BYTES
from anlan.county.verify.models import Submission

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PICTURES = ("jpeg", "png", "webp")
MOST_YUAN = 1e8
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where the phone stood, as it says."""

    lon: float
    lat: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph as it was sent."""

    data: bytes
    taken_at: datetime
    place: Place | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One door, as the phone tells it. `base` is what the phone had when the form was opened."""

    uuid: str
    device: str
    owner: int
    event: str
    household: str
    at: datetime
    sent_at: datetime
    place: Place | None
    outcome: str
    consent: bool
    note: str
    again_on: date | None
    why: str
    kinds: tuple[str, ...]
    finding: Flat | None
    base: Mapping[str, Any]
    photos: tuple[Picture, ...] = ()
    typed: bool = False


def uuid(value: Any) -> str:
    """A random UUID in its usual form, as phones make them."""
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise BadInput(_("这份记录的编号不是手机生成的编号，不能登记。请用“排查登记”页面重新填写。"))
    return value


def record(text: str, files: Sequence["UploadedFile[bytes]"] = ()) -> Sent:
    """A record and its photographs."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise BadInput(_("收到的记录不完整，请重新发送。"))
    key, outcome = uuid(said.get("uuid")), _word(said, "outcome", rules.OUTCOMES)
    return Sent(
        uuid=key, device=_text(said, "device", 36), owner=_whole(said, "owner"), event=_text(said, "event", LONGEST),
        household=_text(said, "household", LONGEST), at=_time(said, "at"), sent_at=_time(said, "sent_at"),
        place=_place(said.get("place")), outcome=outcome, consent=said.get("consent") is True,
        note=_text(said, "note", NOTE_LENGTH), again_on=_day(said.get("again_on")) if outcome == "absent" else None,
        why=_word({"why": said.get("why") or ""}, "why", rules.ABSENCES) if outcome == "absent" else "",
        kinds=_kinds(said.get("kinds", [])), finding=_finding(said.get("finding")) if outcome == "harmed" else None,
        base=_base(said.get("base")), photos=_photos(said.get("photos", []), files),
    )  # fmt: skip


def sent_again(submission: Submission) -> Sent:
    """What a held submission said, as if it came now and knew how things stand."""
    said = submission.said
    place = None
    if submission.lon is not None and submission.lat is not None:
        place = Place(submission.lon, submission.lat, submission.accuracy_m)
    return Sent(
        uuid=submission.uuid, device="", owner=submission.by_id, event=submission.event.code,
        household=submission.household.code, at=submission.phone_at, sent_at=submission.phone_at, place=place,
        outcome=said["outcome"], consent=said["consent"], note=submission.note,
        again_on=date.fromisoformat(said["again_on"]) if said["again_on"] else None, kinds=tuple(said["kinds"]),
        why=said.get("why", ""),
        finding=said["finding"], base=said["base"],
    )  # fmt: skip


def _bad(field: str) -> BadInput:
    return BadInput(_("记录里的“%(field)s”一项看不懂，请更正后重新发送。") % {"field": field})


def _text(said: Mapping[str, Any], field: str, longest: int) -> str:
    value = said.get(field, "")
    if not isinstance(value, str):
        raise _bad(field)
    if len(value) > longest:
        raise BadInput(_("“%(field)s”太长了，最多 %(longest)d 个字。") % {"field": field, "longest": longest})
    return value.strip()


def _word(said: Mapping[str, Any], field: str, known: Mapping[str, Any]) -> str:
    value = said.get(field)
    if not isinstance(value, str) or value not in known:
        raise _bad(field)
    return value


def _whole(said: Mapping[str, Any], field: str) -> int:
    value = said.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad(field)
    return value


def _number(value: Any, field: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _bad(field)
    if not least <= value <= most:
        raise BadInput(_("“%(field)s”的数目 %(value)g 不可能，请更正后重新发送。") % {"field": field, "value": value})
    return float(value)


def _time(said: Mapping[str, Any], field: str) -> datetime:
    try:
        value = datetime.fromisoformat(str(said.get(field)).replace("Z", "+00:00"))
    except ValueError:
        raise _bad(field) from None
    if value.tzinfo is None or not 1990 < value.year < 2200:
        raise _bad(field)
    return value


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise BadInput(_("家中无人的，请填写下次入户日期。")) from None


def _place(said: Any) -> Place | None:
    if said is None:
        return None
    if not isinstance(said, dict):
        raise _bad("place")
    accuracy = said.get("accuracy")
    return Place(
        _number(said.get("lon"), "lon", -180, 180), _number(said.get("lat"), "lat", -90, 90),
        _number(accuracy if accuracy is not None else 0, "accuracy", 0, 1e7),
    )  # fmt: skip


def _kinds(said: Any) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(isinstance(each, str) and each in leads.KINDS for each in said):
        raise _bad("kinds")
    return tuple(sorted(set(said)))


def _finding(said: Any) -> Flat:
    """Every field of a finding; nothing may be missing, for what is missing would read as unharmed.

    Only details may: a phone may still hold a form from before they were asked.
    """
    if not isinstance(said, dict) or set(said) | set(DETAILS) != set(FIELDS):
        raise BadInput(_("受灾的必须填写核实结果。"))
    return {field: _value(field, value) for field, value in {**BLANKS, **said}.items()}


def _value(field: str, value: Any) -> float | bool | str:
    if field == "home_grade":
        if not isinstance(value, str) or value not in rules.GRADES:
            raise BadInput(_("房屋等级只能是 A、B、C、D。"))
        return value
    if field in rules.AXES:
        if not isinstance(value, bool):
            raise _bad(field)
        return value
    if field in DETAILS:
        if not fits(field, value):
            raise BadInput(_("“%(field)s”填得不对，请更正后重新发送。") % {"field": DETAILS[field].title})
        return value if DETAILS[field].choices is not None else float(value)
    least = -MOST_YUAN if field == NUMBERS[0] else 0.0
    return _number(value, str(rules.LOSSES.get(field.removeprefix(LOSS), field)), least, MOST_YUAN)


def _base(said: Any) -> dict[str, Any]:
    """What the phone began with. It is only compared, so anything simple may stand in it."""
    if not isinstance(said, dict) or not isinstance(said.get(OUTCOME, ""), str):
        raise _bad("base")
    return {name: value for name, value in said.items() if name in (OUTCOME, *FIELDS)}


def _photos(said: Any, files: Sequence["UploadedFile[bytes]"]) -> tuple[Picture, ...]:
    if not isinstance(said, list) or len(said) != len(files):
        raise BadInput(_("照片没有收全，请重新发送。"))
    if len(files) > MOST_PHOTOS:
        raise BadInput(_("一次最多 %(most)d 张照片，请删去几张再发送。") % {"most": MOST_PHOTOS})
    return tuple(_photo(each, file) for each, file in zip(said, files, strict=True))


def _photo(said: Any, file: "UploadedFile[bytes]") -> Picture:
    if not isinstance(said, dict):
        raise _bad("photos")
    if (file.size or 0) > PHOTO_BYTES:
        raise BadInput(
            _("照片有 %(size).1f MB，最多 %(most)d MB。请用“排查登记”页面里的拍照按钮，它会自动缩小。")
            % {"size": (file.size or 0) / 2**20, "most": PHOTO_BYTES // 2**20}
        )
    data = file.read()
    if pictures.kind(data) not in PICTURES:
        raise BadInput(_("这个文件不是照片，请重新拍照。"))
    return Picture(data, _time(said, "at"), _place(said.get("place")))
