"""Which kinds of personal data there are, how each is kept, and what takes its place in a scrubbed copy.

A model names its personal fields and their kinds in `PERSONAL`; `docs/personal-data.md` is made from that, and
`tests/architecture/test_personal.py` finds fields that are not named.
"""

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
CHECKS = "10X98765432"
# Pseudonyms are of characters that no name is made of, so that none can be somebody's.
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
GONE = "（已删去）"
STATES = ("healthy",) * 13 + ("chronic",) * 2 + ("disabled",)
Row = Mapping[str, Any]


class Mask:
    """What replaces personal values in one copy: always the same for the same, and never to be traced back.

    The secret is thrown away with the object. `kept` are usernames that name nobody.
    """

    def __init__(self, secret: bytes, kept: Iterable[str] = ()) -> None:
        self.secret, self.kept = secret, frozenset(kept)
        self.number = lru_cache(maxsize=1 << 18)(self._number)

    def _number(self, text: str, what: str) -> int:
        return int.from_bytes(hmac.digest(self.secret, f"{what}\0{text}".encode(), "sha256")[:8], "big")

    def name(self, value: str, _row: Row) -> str:
        """A pseudonym such as 某甲子乙丑."""
        number = self.number(value, "name")
        return "某" + "".join(
            STEMS[number // 120**place % 10] + BRANCHES[number // 120**place // 10 % 12] for place in range(2)
        )

    def birthday(self, row: Row) -> tuple[int, int]:
        """Month and day, the same in a person's ID number and date of birth."""
        number = self.number(str(row.get("id_number") or row.get("id")), "day")
        return 1 + number % 12, 1 + number // 12 % 28

    def id_number(self, value: str, row: Row) -> str:
        """A number of nobody's: an area never assigned, the same year and sex, a right check digit."""
        number = self.number(value, "id")
        month, day = self.birthday(row)
        year = value[6:10] if re.fullmatch(r"\d{17}[\dX].*", value) else "1900"
        sex = int(value[16]) % 2 if len(value) > 16 and value[16].isdigit() else 0
        body = f"99{5000 + number % 5000}{year}{month:02}{day:02}{number // 5000 % 500 * 2 + sex:03}"
        check = CHECKS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11]
        return body + check + f"{number:020}"[: max(0, len(value) - 18)]

    def born(self, value: date, row: Row) -> date:
        """Another day of the same year."""
        month, day = self.birthday(row)
        return date(value.year, month, day)

    def phone(self, value: str, _row: Row) -> str:
        """A number nobody has."""
        digits = "".join(filter(str.isdigit, value))
        return f"100{50_000_000 + self.number(digits, 'phone') % 50_000_000}"

    def email(self, value: str, _row: Row) -> str:
        """An address that leads nowhere."""
        return f"u{self.number(value, 'email') % 10**9}@example.invalid"

    def contact(self, value: str, row: Row) -> str:
        """Where a message goes: a telephone, a mailbox; a division's code stays."""
        if "@" in value:
            return self.email(value, row)
        return value if re.fullmatch(r"[1-9]\d{11}", value) else self.phone(value, row)

    def health(self, _value: str, row: Row) -> str:
        """A state drawn anew."""
        return STATES[self.number(str(row["id"]), "health") % len(STATES)]

    def address(self, value: str, _row: Row) -> str:
        """A place that is not there."""
        return f"示例地址{self.number(value, 'address') % 10**6}"

    def place(self, value: float, row: Row) -> float:
        """A point up to three kilometres off."""
        return round(value + (self.number(f"{value!r} {row['id']}", "place") % 6001 - 3000) / 100_000, 6)

    def username(self, value: str, _row: Row) -> str:
        """Another log-in's name."""
        return value if value in self.kept else f"u{self.number(value, 'username') % 10**12:012}"

    def password(self, _value: str, _row: Row) -> str:
        """No password that opens."""
        return "!"

    def text(self, value: Any, _row: Row) -> Any:
        """Free words may name anybody: none of them stay."""
        return type(value)() if isinstance(value, list | dict) else GONE

    def past(self, _value: str, _row: Row) -> str:
        """What somebody's number or state of health once was: it does not stay."""
        return ""

    def listed(self, _value: str, _row: Row) -> str:
        """A line that says nothing."""
        return json.dumps({"who": {}, "said": {}})

    def claim(self, value: dict[str, Any], _row: Row) -> dict[str, Any]:
        """A report's kinds and sum, without its words."""
        return value | ({"text": GONE} if value.get("text") else {})

    def payload(self, value: str, row: Row) -> str:
        """A ledger line's particulars with other usernames, and without places."""
        told = {key: each for key, each in json.loads(value).items() if key not in {"lon", "lat"}}
        for key in {"holder", "user", "username", "name"} & set(told):
            if isinstance(told[key], str):
                told[key] = self.username(told[key], row) if key != "name" else self.name(told[key], row)
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def subject(self, value: str, row: Row) -> str:
        """What a ledger line is about; a person with a log-in by another username."""
        noun, _colon, identifier = value.partition(":")
        return f"user:{self.username(identifier, row)}" if noun == "user" else value


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of personal data: how it is kept, who sees it, what a scrubbed copy has instead."""

    title: str | Promise
    shown: str | Promise
    copy: str | Promise
    scrub: Callable[[Mask, Any, Row], Any] | None = None  # none: it stays as it is
    sealed: bool = False


_ALL, _NEVER = _("有查阅权限的岗位"), _("不显示")
KINDS: dict[str, Kind] = {
    "name": Kind(_("姓名"), _ALL, _("化名，同名同化名"), Mask.name),
    "names": Kind(_("姓名检索词"), _NEVER, _("按化名重新生成")),
    "id_number": Kind(
        _("身份证号"),
        _("隐去中间；凭理由逐项查看并记账"),
        _("未分配地区的号码，性别、出生年不变"),
        Mask.id_number,
        sealed=True,
    ),
    "sex": Kind(_("性别"), _ALL, _("不变")),
    "born": Kind(_("出生日期"), _("只显示年月"), _("同年另一天"), Mask.born),
    "phone": Kind(_("电话"), _("叫应、入户的岗位；其他岗位隐去中间"), _("无人使用的号码"), Mask.phone, sealed=True),
    "contact": Kind(_("接收地址"), _("不显示；发送时使用"), _("无人使用的号码或邮箱"), Mask.contact, sealed=True),
    "email": Kind(_("邮箱"), _("本人与系统管理员"), _("无效邮箱"), Mask.email),
    "health": Kind(_("健康状况"), _("核实、认定、帮扶的岗位"), _("重新抽取"), Mask.health, sealed=True),
    "health_mark": Kind(_("残疾标记"), _NEVER, _("按新密钥重新生成")),
    "address": Kind(_("住址"), _ALL, _("虚构地址"), Mask.address),
    "place": Kind(_("坐标"), _ALL, _("移动三公里以内"), Mask.place),
    "reference": Kind(_("户编号"), _ALL, _("不变（区划代码加序号，不含身份信息）")),
    "username": Kind(_("用户名"), _("台账与系统管理"), _("另一个用户名，前后一致"), Mask.username),
    "password": Kind(_("密码摘要"), _NEVER, _("失效"), Mask.password),
    "secret": Kind(_("动态口令的密钥"), _NEVER, _("删去"), Mask.past, sealed=True),
    "past": Kind(_("改动前后的身份证号、电话、健康状况"), _NEVER, _("删去"), Mask.past, sealed=True),
    "change": Kind(_("改动前后的内容"), _("有查阅权限的岗位"), _("删去"), Mask.past),
    "text": Kind(_("自由文字"), _("经办的岗位"), _("删去"), Mask.text),
    "listed": Kind(_("部门名单的一行"), _("比对的经办人；到期删除"), _("清空"), Mask.listed, sealed=True),
    "stated": Kind(_("部门名单所说的状况"), _("比对的经办人；到期删除"), _("删去"), Mask.past, sealed=True),
    "claim": Kind(_("申报内容"), _("受理的岗位"), _("删去文字，保留类别与金额"), Mask.claim),
    "payload": Kind(_("台账内容"), _("有台账权限的岗位"), _("换用户名，去坐标，重新成链"), Mask.payload),
    "subject": Kind(_("台账对象"), _("有台账权限的岗位"), _("换用户名"), Mask.subject),
}


def masked_phone(number: str) -> str:
    """A phone number with its middle hidden: `138****1234`."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else "*" * len(number)


def masked_address(address: str) -> str:
    """Where a message goes, so that a person sees what kind of place it is and nobody's number; a division stays."""
    if re.fullmatch(r"[1-9]\d{11}", address):
        return address
    name, at, host = address.partition("@")
    return f"{name[:1]}***@{host}" if at else masked_phone(address)


def personal(model: Any) -> dict[str, str]:
    """A model's personal fields by their kinds."""
    return getattr(model, "PERSONAL", {})


def scrub(mask: Mask, model: Any, row: dict[str, Any]) -> dict[str, Any]:
    """A row with everything personal in it replaced; what is empty stays empty."""
    changed = dict(row)
    for field, name in personal(model).items():
        replace = KINDS[name].scrub
        if replace is not None and row[field] not in (None, "", [], {}):
            changed[field] = replace(mask, row[field], row)
    return changed
