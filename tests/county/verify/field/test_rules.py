"""When a visit was, and how far from the house."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.verify.field.rules import CLOCK_TOLERANCE, LONGEST_WAIT, far, moment
from anlan.engine.values.ground import apart_m, distance_m

NOW = datetime(2026, 6, 18, 20, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
BEGUN = NOW - timedelta(days=30)
off = st.timedeltas(timedelta(days=-4000), timedelta(days=4000))
wait = st.timedeltas(timedelta(0), timedelta(days=29))


@given(off, wait)
def test_however_wrong_the_phone_is_the_visit_was_as_long_ago_as_it_waited(off, wait):
    found = moment(at=NOW + off - wait, sent_at=NOW + off, received_at=NOW, not_before=BEGUN)
    assert found.at == NOW - wait
    assert found.wrong == (abs(off) > CLOCK_TOLERANCE)


@given(off, st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_no_visit_is_before_its_event_or_after_its_receipt(off, wait):
    found = moment(at=NOW + off - wait, sent_at=NOW + off, received_at=NOW, not_before=BEGUN)
    assert BEGUN <= found.at <= NOW


@pytest.mark.parametrize("wait", [timedelta(seconds=-1), LONGEST_WAIT + timedelta(seconds=1), timedelta(days=31)])
def test_what_cannot_be_is_the_time_of_receipt_and_flagged(wait):
    found = moment(at=NOW - wait, sent_at=NOW, received_at=NOW, not_before=BEGUN)
    assert (found.at, found.wrong) == (NOW, True)


def test_distances_are_those_of_the_ground():
    assert distance_m(115.6, 28.9, 115.6, 28.9) == 0
    assert distance_m(115.6, 28.9, 115.6, 29.9) == pytest.approx(111_195, abs=1)
    assert distance_m(115.6, 28.9, 116.6, 28.9) == pytest.approx(97_347, rel=1e-3)
    assert distance_m(-180, 0, 180, 0) == pytest.approx(0, abs=1e-6)


def test_from_a_point_that_is_not_known_nothing_is_far():
    assert apart_m(115.6, 28.9, 115.6, 29.9) == distance_m(115.6, 28.9, 115.6, 29.9)
    points = [115.6, 28.9, 115.6, 29.9]
    assert [apart_m(*points[:place], None, *points[place + 1 :]) for place in range(4)] == [None] * 4


def test_an_uncertain_position_gets_the_benefit_of_the_doubt():
    assert far(301.0, 0.0)
    assert not far(301.0, 5.0)
    assert not far(None, 0.0)
