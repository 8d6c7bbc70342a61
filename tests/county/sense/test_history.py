"""Readings and events in any order and in any pieces: what is stored is what was said."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.ledger.models import Entry
from anlan.county.office.queries import machine
from anlan.county.sense.actions import close_event, enrol_stations, observe, open_event
from anlan.county.sense.models import Event, Observation, Station
from anlan.county.sense.queries import event, latest_readings, open_events
from anlan.engine.hazard.taxonomy import HAZARDS

COUNTY = "360123000000"
STATIONS = [(f"S{n}", f"示例站{n}", "360123101000", "rain_24h_mm", 115.55 + n / 50, 28.85) for n in range(3)]
READING = st.tuples(st.sampled_from(["S0", "S1", "S2"]), st.integers(0, 40), st.floats(0, 400))


@pytest.fixture
def gauges(people, now):
    enrol_stations(rows=STATIONS, by=people["anlan"])
    return now


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(READING, max_size=6), max_size=5))
def test_the_first_word_of_a_gauge_about_a_moment_counts(gauges, batches):
    kept: dict[tuple[str, int], float] = {}
    with transaction.atomic():
        for batch in batches:
            lines = Entry.objects.count()
            readings = [(code, gauges - timedelta(hours=hours), value) for code, hours, value in batch]
            fresh = {}
            for code, hours, value in batch:
                fresh.setdefault((code, hours), value)
            new = {which: value for which, value in fresh.items() if which not in kept}
            assert observe(readings=readings, by=machine()) == len(new)
            assert Entry.objects.count() == lines + bool(new)
            kept |= new
        stored = {(row.station_id, round((gauges - row.at) / timedelta(hours=1))): row.value
                  for row in Observation.objects.all()}  # fmt: skip
        assert stored == kept
        seen = latest_readings("rain_24h_mm", gauges, 12)
        newest = {}
        for (code, hours), value in sorted(kept.items(), key=lambda each: -each[0][1]):
            if hours < 12:
                newest[code] = value
        assert sorted(seen.value.tolist()) == pytest.approx(sorted(newest.values()))
        transaction.set_rollback(True)


def test_one_unknown_station_refuses_the_whole_file(gauges):
    good = [("S0", gauges, 1.0), ("S1", gauges, 2.0)]
    with pytest.raises(BadInput, match="S7"), transaction.atomic():
        observe(readings=[*good, ("S7", gauges, 3.0)], by=machine())
    assert not Observation.objects.exists()
    assert observe(readings=good, by=machine()) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_no_gauge_can_say_is_refused(gauges, value):
    with pytest.raises(BadInput, match="有限"), transaction.atomic():
        observe(readings=[("S0", gauges, value)], by=machine())
    assert not Observation.objects.exists()


def test_a_moment_without_its_zone_is_refused(gauges):
    with pytest.raises(BadInput, match="时区"):
        observe(readings=[("S0", gauges.replace(tzinfo=None), 1.0)], by=machine())


def test_a_station_that_moved_is_brought_up_to_date_and_keeps_its_readings(gauges):
    observe(readings=[("S0", gauges, 5.0)], by=machine())
    enrol_stations(rows=[("S0", "迁址站", "360123102000", "rain_24h_mm", 115.5, 28.7)], by=machine())
    station = Station.objects.get(pk="S0")
    assert (station.name, station.division_id, station.lon) == ("迁址站", "360123102000", 115.5)
    assert Station.objects.count() == 3
    assert Observation.objects.get().station_id == "S0"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(sorted(HAZARDS)), min_size=1, max_size=6))
def test_events_of_a_day_are_numbered_by_hazard_and_none_twice(people, now, kinds):
    with transaction.atomic():
        made = [open_event(by=machine(), hazard=kind, codes=[COUNTY]) for kind in kinds]
        assert len({each.code for each in made}) == len(made)
        for place, each in enumerate(made):
            number = kinds[: place + 1].count(each.hazard)
            assert each.code == f"EV20260618-{each.hazard}-{number}"
            assert event(each.code) == each
        close_event(event=made[0], by=machine())
        assert set(open_events()) == set(made[1:])
        transaction.set_rollback(True)


def test_a_number_is_not_given_again_after_an_event_is_closed(people, now):
    first = open_event(by=machine(), hazard="flood", codes=[COUNTY])
    close_event(event=first, by=machine())
    assert open_event(by=machine(), hazard="flood", codes=[COUNTY]).code.endswith("-2")
    later = open_event(by=machine(), hazard="flood", codes=[COUNTY], issued_at=now + timedelta(days=1))
    assert later.code == "EV20260619-flood-1"
    assert Event.objects.filter(closed_at__isnull=False).get().closed_at == clock.now()
