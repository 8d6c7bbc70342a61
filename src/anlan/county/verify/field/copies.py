"""The last resort: a record as a line of text that fits into two or three text messages, read in by whoever gets it.

`AL1 <base64url of the record's values as a JSON list> <check>`; the check is the sum of the text's characters.
"""

import base64
import json
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.office.models import User
from anlan.county.verify.causes import DETAILS
from anlan.county.verify.field.merging import FIELDS
from anlan.county.verify.field.reading import Sent, record

HEAD = "AL1"
FAULTY = gettext_lazy("这段文字不完整或抄错了，请从“AL1”抄到最后一个数字。")
PARTS = ("uuid", "event", "household", "at", "outcome", "consent", "again_on", "kinds", "finding", "base",
         "note", "why")  # fmt: skip


class Copy(forms.Form):
    """The text as it came."""

    text = forms.CharField(
        label=gettext_lazy("文字副本（从 AL1 开始）"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )


def check(text: str) -> int:
    """The sum that tells a slip of the hand."""
    return sum((place + 1) * ord(each) for place, each in enumerate(text)) % 9973


def read(text: str, by: User) -> Sent:
    """The record in a text; it is handed in by whoever typed it, under the number it has on the phone."""
    words = text.split()
    if len(words) < 3 or words[0] != HEAD or not words[-1].isdecimal():
        raise BadInput(str(FAULTY))
    body = "".join(words[1:-1])  # a text message may break it anywhere
    if check(body) != int(words[-1]):
        raise BadInput(str(FAULTY))
    try:
        values: list[Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        said = dict(zip(PARTS, values, strict=len(values) >= len(PARTS)))  # a page of before knew no `why`
        if len(said) < len(PARTS) - 1:
            raise BadInput(str(FAULTY))
        said["finding"] = _named(said["finding"])
        said["base"] = {"outcome": said["base"][0], **_named(said["base"][1])}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise BadInput(str(FAULTY)) from None
    sent = record(json.dumps({**said, "sent_at": said["at"], "owner": by.pk}))
    return _received(sent)


def _named(values: Any) -> dict[str, Any]:
    if values and len(values) not in (len(FIELDS), len(FIELDS) - len(DETAILS)):
        raise ValueError(len(values))
    return dict(zip(FIELDS, values, strict=False)) if values else {}


def _received(sent: Sent) -> Sent:
    """A copy says when the visit was by the phone's clock, and nothing of when it was sent: now, for all we know."""
    return replace(sent, sent_at=max(sent.at, clock.now()), typed=True)
