"""What was asked for, to compare by: equal where the drill would be equal."""

import json
from dataclasses import replace

import pytest

from anlan.county.drill.requests import Request
from anlan.county.drill.worlds import read_world

ASKED = Request(scenario="june_rainstorm", seed=3, households=500, alert=b"<alert/>", alert_name="a.xml")


def test_equal_requests_are_told_equally_and_survive_the_database():
    again = Request(scenario="june_rainstorm", seed=3, households=500, alert=b"<alert/>", world=read_world(""))
    assert ASKED.as_dict() == again.as_dict() == json.loads(json.dumps(ASKED.as_dict()))


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": "autumn_drought"}, {"seed": 4}, {"households": 501}, {"alert": b"<alert />"}, {"alert": b""},
        {"world": read_world("[people]\nreads_sms = 0.1")}, {"registry": "households.xlsx"},
    ],
)  # fmt: skip
def test_any_difference_is_another_request(change):
    assert replace(ASKED, **change).as_dict() != ASKED.as_dict()


def test_what_the_alert_file_is_called_makes_no_difference():
    assert replace(ASKED, alert_name="b.xml").as_dict() == ASKED.as_dict()


def test_the_alert_itself_is_not_kept_only_its_digest():
    assert "<alert/>" not in json.dumps(ASKED.as_dict())
    assert len(ASKED.as_dict()["alert"]) == 64
    assert replace(ASKED, alert=b"").as_dict()["alert"] == ""
