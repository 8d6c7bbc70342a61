"""Alerts taken in, events opened, moved and closed by them, gauges heard."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Division
from anlan.county.sense.actions import (
    AlertHeld,
    AlertRejected,
    EventOver,
    close_event,
    enrol_stations,
    observe,
    open_event,
    open_screening,
    receive_alert,
)
from anlan.county.sense.models import Alert, Event, Observation, Station

STATION = ("S1", "示例站", "360123101000", "rain_24h_mm", 115.6, 28.9)


@pytest.fixture
def duty(people):
    return people["duty_officer"]


@pytest.fixture
def receive(duty, sample):
    """Take one of our samples in."""

    def take(name="rainstorm_red", replace=None, **how):
        given = {"by": duty, "source": "test", **how}
        return receive_alert(data=sample(name, replace=replace or {}), **given)

    return take


@pytest.fixture
def event(receive, duty):
    return open_event(alert=receive(), by=duty)


def verbs():
    return list(Entry.objects.order_by("seq").values_list("verb", flat=True))


@pytest.mark.clause("W1", "W2")
def test_an_alert_is_kept_as_it_came_with_what_it_says(receive, sample, now):
    alert = receive()
    alert.refresh_from_db()
    assert bytes(alert.raw) == sample()
    assert (alert.hazard, alert.level, alert.codes, alert.verdict) == ("rainstorm", 4, ["360123000000"], "accepted")
    assert alert.received_at == now
    assert alert.sent_at == now - timedelta(minutes=30)
    entry = Entry.objects.get(about=f"alert:{alert.identifier}")
    assert entry.verb == "sense.receive_alert"
    assert verify().verified


def test_the_same_alert_twice_is_one_alert_and_one_line(receive):
    first = receive()
    before = Entry.objects.count()
    assert receive(source="another feed") == first
    assert Alert.objects.count() == 1
    assert Entry.objects.count() == before


def test_the_same_identifier_with_other_words_is_flagged(receive):
    receive()
    other = receive(replace={"请立即做好防范": "请做好防范"})
    assert (other.verdict, other.findings) == ("flagged", ["identifier-reused"])
    assert Alert.objects.count() == 2


def test_a_flagged_alert_of_a_trusted_source_is_taken_and_marked(receive):
    alert = receive(replace={"<scope>Public": "<scope>Private"})
    assert (alert.verdict, alert.findings) == ("flagged", ["addresses-missing"])


def test_a_flagged_alert_of_an_unknown_source_is_held(receive):
    with pytest.raises(AlertHeld, match="定向报文没有收件人"):
        receive(replace={"<scope>Public": "<scope>Private"}, trusted=False)
    assert not Alert.objects.exists()
    assert receive(trusted=False).verdict == "accepted"


def test_what_is_only_noted_does_not_hold_an_alert(receive):
    alert = receive(replace={"<status>Actual": "<status>Exercise"}, trusted=False)
    assert (alert.verdict, alert.findings, alert.hints) == ("accepted", [], ["status-exercise"])


def test_a_reference_to_what_never_arrived_is_noted(receive):
    assert receive("rainstorm_update").hints == ["references-own-sent", "references-unknown"]
    assert receive("rainstorm_cancel").hints == ["references-own-sent"]


@pytest.mark.parametrize("replace", [{"</alert>": ""}, {"<scope>Public": "<scope>Nobody"}])
def test_what_cannot_be_read_is_refused_with_its_findings(receive, replace):
    before = Entry.objects.count()
    with pytest.raises(AlertRejected, match="test 不能作为预警接收："):
        receive(replace=replace)
    assert not Alert.objects.exists()
    assert Entry.objects.count() == before


@pytest.mark.parametrize("username", ["village_cadre_a", "auditor", "county_director"])
def test_only_the_duty_desk_takes_alerts_in(receive, people, username):
    with pytest.raises(NotAllowed):
        receive(by=people[username])


@pytest.mark.clause("W2")
def test_an_event_opened_from_an_alert_has_its_words_its_place_and_its_moment(event, now):
    assert event.code == "EV20260618-rainstorm-1"
    assert event.title.startswith("安义县气象台发布暴雨红色预警信号")
    assert (event.hazard, event.level, event.codes, event.exercise) == ("rainstorm", 4, ["360123000000"], False)
    assert event.opened_at == now
    assert event.issued_at == now - timedelta(minutes=30)
    assert Entry.objects.get(about=f"event:{event.code}").verb == "sense.open_event"


def test_opening_twice_from_one_alert_gives_the_open_event(event, duty):
    assert open_event(alert=event.alert, by=duty) == event
    close_event(event=event, by=duty)
    assert open_event(alert=event.alert, by=duty).code == "EV20260618-rainstorm-2"


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft"])
def test_what_is_not_actual_opens_an_exercise(receive, duty, status):
    assert open_event(alert=receive(replace={"<status>Actual": f"<status>{status}"}), by=duty).exercise


@pytest.mark.parametrize("kind", ["Cancel", "Ack", "Error"])
def test_a_cancellation_opens_nothing(receive, duty, kind):
    alert = receive("rainstorm_update", replace={"<msgType>Update": f"<msgType>{kind}"})
    with pytest.raises(BadInput, match=kind):
        open_event(alert=alert, by=duty)


def test_an_area_that_is_given_moves_the_event(receive, duty):
    near = open_event(alert=receive("convection_polygon"), codes=["360123101"], polygons=[], by=duty)
    assert (near.codes, near.polygons) == (["360123101000"], [])


@pytest.mark.clause("S4")
def test_an_event_is_opened_by_hand(duty, now):
    ring = [[115.5, 28.8], [115.6, 28.8], [115.6, 28.9], [115.5, 28.8]]
    event = open_event(by=duty, hazard="fire", title="住宅火灾", polygons=[ring], level=2, exercise=True)
    assert (event.code, event.issued_at, event.alert) == ("EV20260618-fire-1", now, None)
    assert (event.polygons, event.exercise) == ([ring], True)
    assert open_event(by=duty, hazard="fire", codes=["360123"]).title == "住宅火灾"


@pytest.mark.parametrize(
    "given",
    [
        {"hazard": "dragon", "codes": ["360123"]},
        {"codes": ["360123"]},
        {"hazard": "fire", "codes": ["360123"], "level": 5},
        {"hazard": "fire"},
        {"hazard": "fire", "codes": []},
        {"hazard": "fire", "codes": ["Anyi"]},
        {"hazard": "fire", "polygons": [[[115, 28], [116, 28], [115, 28]]]},
        {"hazard": "fire", "polygons": [[[115, 28], [116, 28], [116, 29], [115, 29]]]},
        {"hazard": "fire", "polygons": [[[28, 115], [28, 116], [29, 116], [28, 115]]]},
    ],
)
def test_an_event_without_kind_level_or_place_is_refused(duty, given):
    with pytest.raises(BadInput):
        open_event(by=duty, **given)
    assert not Event.objects.exists()


def test_the_eleventh_event_of_a_day_comes_after_the_tenth(duty):
    codes = [open_event(by=duty, hazard="hail", codes=["360123"]).code for _ in range(11)]
    assert codes[-1] == "EV20260618-hail-11"
    assert len(set(codes)) == 11


@pytest.mark.clause("D6")
def test_an_update_moves_the_event_and_opens_no_other(event, receive, now):
    update = receive("rainstorm_update")
    event.refresh_from_db()
    assert (event.level, event.codes) == (3, ["360123000000", "360925000000"])
    assert event.alert == update
    assert event.alert.expires_at == now + timedelta(hours=8)
    assert event.issued_at == now - timedelta(minutes=30)
    assert Event.objects.count() == 1
    assert verbs()[-2:] == ["sense.receive_alert", "sense.update_event"]


def test_an_update_that_names_the_first_alert_still_finds_the_event(event, receive):
    receive("rainstorm_update")
    third = {"5000</identifier>": "5200</identifier>", "橙色预警信号[Ⅱ级/严重]": "红色预警信号[Ⅰ级/特别严重]"}
    receive("rainstorm_update", replace=third)
    event.refresh_from_db()
    assert event.level == 4
    assert event.alert.identifier.endswith("5200")


def test_an_update_reaches_its_event_through_one_nobody_opened_from(receive, duty):
    first = receive()
    update = receive("rainstorm_update")
    opened = open_event(alert=first, by=duty)
    receive("rainstorm_cancel")
    opened.refresh_from_db()
    assert update.events.count() == 0
    assert opened.closed_at is not None


@pytest.mark.clause("D6")
def test_a_cancellation_closes_the_event_and_says_by_what(event, receive, now):
    receive("rainstorm_update")
    receive("rainstorm_cancel")
    event.refresh_from_db()
    assert event.closed_at == now
    entry = Entry.objects.filter(about=f"event:{event.code}").latest("seq")
    assert entry.verb == "sense.close_event"
    assert "36012341600000_20260618195500" in entry.payload


def test_an_update_without_level_leaves_the_level(event, receive):
    receive("rainstorm_update", replace={"橙色预警信号[Ⅱ级/严重]": "预警信号", "Severe": "Unknown"})
    event.refresh_from_db()
    assert event.level == 4


def test_an_update_adds_polygons_once(receive, duty):
    event = open_event(alert=receive("convection_polygon"), by=duty)
    named = "Anyi_County_Meteorological_Observatory,36012341600000_20260618194000,2026-06-18T19:50:00+08:00"
    first = {"<msgType>Alert</msgType>": "<msgType>Update</msgType>", "194000</identifier>": "194500</identifier>"}
    scope = {"<scope>Public</scope>": f"<scope>Public</scope><references>{named}</references>"}
    receive("convection_polygon", replace={**first, **scope})
    event.refresh_from_db()
    assert len(event.polygons) == 1
    moved = {"28.86,115.66 28.95,115.66": "28.86,115.70 28.95,115.70", "194500<": "194600<"}
    receive("convection_polygon", replace={**first, **scope, "194000</identifier>": "194500</identifier>", **moved})
    event.refresh_from_db()
    assert len(event.polygons) == 2


def test_an_event_moved_for_a_rehearsal_keeps_its_own_area(receive, duty):
    event = open_event(alert=receive(), codes=["360123101"], exercise=True, by=duty)
    receive("rainstorm_update")
    event.refresh_from_db()
    assert (event.level, event.codes) == (3, ["360123101000"])


@pytest.mark.parametrize("status", ["Exercise", "Test"])
def test_an_exercise_does_not_touch_a_real_event_but_its_own(event, receive, duty, status):
    receive("rainstorm_update")
    replace = {"<status>Actual": f"<status>{status}"}
    receive("rainstorm_cancel", replace=replace)
    event.refresh_from_db()
    assert event.closed_at is None
    Event.objects.update(exercise=True)
    receive("rainstorm_cancel", replace={**replace, "解除": "取消"})
    event.refresh_from_db()
    assert event.closed_at is not None


def test_an_update_that_arrives_late_turns_nothing_back(event, receive):
    receive("rainstorm_update")
    late = {"5000</identifier>": "4000</identifier>", "19:50:00+08:00</sent>": "19:40:00+08:00</sent>", "橙色": "蓝色"}
    receive("rainstorm_update", replace=late)
    event.refresh_from_db()
    assert event.level == 3


@pytest.mark.parametrize("name", ["rainstorm_update", "rainstorm_cancel"])
def test_what_follows_nothing_we_know_changes_nothing(receive, duty, name):
    other = open_event(by=duty, hazard="hail", codes=["360123"])
    receive(name)
    other.refresh_from_db()
    assert (other.closed_at, other.level) == (None, 0)
    assert verbs()[-1] == "sense.receive_alert"


def test_acknowledgements_move_nothing(event, receive):
    receive("rainstorm_update", replace={"<msgType>Update": "<msgType>Ack"})
    event.refresh_from_db()
    assert event.level == 4


def test_an_event_is_closed_once_with_a_reason(event, duty, now):
    stale = Event.objects.get()
    closed = close_event(event=event, reason="雨停了", by=duty)
    assert closed.closed_at == now
    with pytest.raises(EventOver, match=event.code):
        close_event(event=stale, by=duty)
    assert verbs().count("sense.close_event") == 1


@pytest.mark.parametrize("username", ["village_cadre_a", "auditor", "department_clerk"])
def test_only_the_duty_desk_opens_and_closes(event, people, username):
    with pytest.raises(NotAllowed):
        open_event(by=people[username], hazard="fire", codes=["360123"])
    with pytest.raises(NotAllowed):
        close_event(event=event, by=people[username])


@pytest.mark.clause("H1")
def test_gauges_are_enrolled_and_brought_up_to_date(duty):
    assert enrol_stations(rows=[STATION], by=duty) == 1
    assert enrol_stations(rows=[(*STATION[:1], "新名", *STATION[2:])], by=duty) == 1
    assert Station.objects.get().name == "新名"
    assert Station.objects.get().division == Division.objects.get(code="360123101000")


@pytest.mark.clause("H1")
def test_readings_are_kept_once(duty, now):
    enrol_stations(rows=[STATION], by=duty)
    hour = timedelta(hours=1)
    assert observe(readings=[("S1", now, 10.0), ("S1", now - hour, 5.0)], by=duty) == 2
    before = Entry.objects.count()
    assert observe(readings=[("S1", now, 99.0)], by=duty) == 0
    assert observe(readings=[], by=duty) == 0
    assert Entry.objects.count() == before
    assert observe(readings=[("S1", now + hour, 1.0), ("S1", now, 99.0), ("S1", now + hour, 2.0)], by=duty) == 1
    assert list(Observation.objects.order_by("at").values_list("value", flat=True)) == [5.0, 10.0, 1.0]


@pytest.mark.parametrize(("code", "value", "naive"), [("S9", 1.0, False), ("S1", float("nan"), False),
                                                      ("S1", float("inf"), False), ("S1", 1.0, True)])  # fmt: skip
def test_a_wrong_reading_keeps_the_whole_file_out(duty, now, code, value, naive):
    enrol_stations(rows=[STATION], by=duty)
    with pytest.raises(BadInput):
        observe(readings=[("S1", now, 1.0), (code, now.replace(tzinfo=None) if naive else now, value)], by=duty)
    assert not Observation.objects.exists()


def test_only_the_duty_desk_keeps_gauges(people, now):
    with pytest.raises(NotAllowed):
        enrol_stations(rows=[STATION], by=people["village_cadre_a"])
    with pytest.raises(NotAllowed):
        observe(readings=[], by=people["village_cadre_a"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(["rainstorm_red", "rainstorm_update", "rainstorm_cancel", "convection_polygon"] * 2))
def test_in_whatever_order_and_however_often_they_come_each_is_kept_once(people, sample, now, order):
    Event.objects.all().delete()
    Alert.objects.all().delete()
    for name in order:
        alert = receive_alert(data=sample(name), source="feed", by=people["anlan"])
        if name.endswith(("red", "polygon")) and not Event.objects.filter(hazard=alert.hazard).exists():
            open_event(alert=alert, by=people["anlan"])
    assert Alert.objects.count() == 4
    assert Event.objects.count() == 2
    assert Event.objects.get(hazard="convection").closed_at is None
    assert clock.now() == now


def test_a_months_screening_is_opened_once_and_is_over_from_the_start(people, now):
    first, again = (open_screening(month=date(2026, 6, 1), by=people["anlan"]) for _time in range(2))
    assert first == again
    assert (first.code, first.closed_at) == ("EV20260601-screening-1", now)
    assert Entry.objects.filter(verb="sense.open_screening").count() == 1
    assert open_screening(month=date(2026, 7, 1), by=people["anlan"]) != first
