"""A phone that can be held by anybody: it signs in, makes records, and sends them."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.county.storm import Storm, make_storm

from anlan.county import clock

JPEG = b"\xff\xd8\xff\xe0" + b"a wall with a crack" * 50


@pytest.fixture
def storm(people, now) -> Storm:
    """Twenty households in four villages under an orange rainstorm, with an impact run."""
    return make_storm(now)


@dataclass
class Phone:
    """Somebody's phone, with the households it took along."""

    client: Any
    user: Any
    device: str = field(default_factory=lambda: str(uuid4()))
    pack: dict[str, Any] = field(default_factory=dict)

    def sign_in(self) -> Any:
        """Take the households along."""
        self.client.force_login(self.user)
        answer = self.client.post(reverse("verify:field_pack"), {"device": self.device}, HTTP_USER_AGENT="X (Phone 1)")
        self.pack = answer.json()
        blank = self.pack.get("blank", {})
        for event in self.pack.get("events", ()):  # as `filled` in `static/field/pack.js`
            event["rows"] = [{**blank, **row, "base": blank["base"] | row["base"]} for row in event["rows"]]
        return answer

    def row(self, code: str) -> dict[str, Any]:
        """What the phone has of a household."""
        (event,) = self.pack["events"]
        (row,) = (each for each in event["rows"] if each["code"] == code)
        return row

    def record(self, code: str, outcome: str = "harmed", **changes: Any) -> dict[str, Any]:
        """A form filled in from what the phone has; fields of the finding are changed by their names."""
        base = self.row(code)["base"]
        finding = {name: value for name, value in base.items() if name != "outcome"}
        finding |= {name: changes.pop(name) for name in list(changes) if name in finding}
        at = clock.now().isoformat()
        return {
            "uuid": str(uuid4()), "device": self.device, "owner": self.user.pk, "event": self.pack["events"][0]["code"],
            "household": code, "at": at, "sent_at": at, "place": None, "outcome": outcome, "consent": True, "note": "",
            "again_on": (clock.today() + timedelta(days=2)).isoformat() if outcome == "absent" else None,
            "kinds": ["crop"] if outcome == "harmed" else [], "finding": finding if outcome == "harmed" else None,
            "base": base, "photos": [], **changes,
        }  # fmt: skip

    def send(self, record: dict[str, Any], *photos: bytes) -> Any:
        """Send it, with its photographs."""
        self.client.force_login(self.user)
        said = {**record, "photos": record["photos"] or [{"at": record["at"], "place": None} for _each in photos]}
        files = [SimpleUploadedFile("p.jpg", each, "image/jpeg") for each in photos]
        return self.client.post(reverse("verify:field_send"), {"record": json.dumps(said), "photo": files})


@pytest.fixture
def phone_of(client, people, storm):
    """`phone_of(username)`: that person's phone, signed in."""

    def made(username: str) -> Phone:
        phone = Phone(client, people[username])
        assert phone.sign_in().status_code == 200
        return phone

    return made
