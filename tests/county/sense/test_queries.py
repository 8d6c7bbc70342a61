"""Questions about events and gauges."""

from datetime import timedelta

import numpy as np
import pytest

from anlan.county.errors import NotFound
from anlan.county.office.models import Division
from anlan.county.sense import queries
from anlan.county.sense.actions import close_event, enrol_stations, observe, open_event, receive_alert
from anlan.county.sense.models import Alert, Event, Station

ROWS = [
    ("S2", "示例二站", "360123102000", "rain_24h_mm", 115.53, 28.78),
    ("S1", "示例一站", "360123101000", "rain_24h_mm", 115.60, 28.90),
    ("D1", "示例墒情站", "360123101000", "dry_days", 115.60, 28.90),
]


@pytest.fixture
def gauges(people):
    enrol_stations(rows=ROWS, by=people["anlan"])


@pytest.fixture
def opened(people, sample):
    def make(name, **given):
        alert = receive_alert(data=sample(name), source="test", by=people["anlan"])
        return open_event(alert=alert, by=people["anlan"], **given)

    return make


@pytest.mark.clause("H1")
def test_each_gauge_s_last_word_counts_within_the_hours(gauges, people, now):
    hour = timedelta(hours=1)
    readings = [("S1", now, 40.0), ("S1", now - hour, 99.0), ("S2", now - 5 * hour, 20.0), ("S2", now + hour, 1.0),
                ("D1", now, 7.0)]  # fmt: skip
    observe(readings=readings, by=people["anlan"])
    found = queries.latest_readings("rain_24h_mm", now, 6)
    assert (found.lon.tolist(), found.lat.tolist()) == ([115.60, 115.53], [28.90, 28.78])
    assert found.value.tolist() == [40.0, 20.0]
    assert queries.latest_readings("rain_24h_mm", now, 5).value.tolist() == [40.0]


def test_silent_gauges_give_empty_columns(gauges, now):
    found = queries.latest_readings("rain_24h_mm", now, 6)
    assert found.value.dtype == np.float64
    assert len(found.lon) == len(found.lat) == len(found.value) == 0


@pytest.mark.clause("W3")
@pytest.mark.parametrize(
    ("codes", "division", "reached"),
    [
        (["360123000000"], "360123101201", True),
        (["360123101000"], "360123000000", True),
        (["360123101000"], "360123102201", False),
        (["360000000000"], "360123102201", True),
        (["370614000000"], "360123000000", False),
    ],
)
def test_an_area_reaches_what_is_above_and_beneath_its_codes(county, codes, division, reached):
    assert queries.reaches(Event(codes=codes, polygons=[]), division) is reached


def test_a_polygon_reaches_a_division_by_its_villages_points_or_its_outline(county, opened):
    event = opened("convection_polygon")
    assert queries.reaches(event, "360123101201")
    assert queries.reaches(event, "360123000000")
    assert not queries.reaches(event, "360123102000")
    assert not queries.reaches(event, "990000000000")
    ring = [[115.50, 28.70], [115.56, 28.70], [115.57, 28.87], [115.50, 28.87], [115.50, 28.70]]
    Division.objects.filter(code="360123102000").update(outline={"type": "Polygon", "coordinates": [ring]})
    assert queries.reaches(event, "360123102000")


def test_an_event_is_found_by_its_code_or_refused_in_words(opened):
    event = opened("rainstorm_red")
    assert queries.event(event.code) == event
    with pytest.raises(NotFound, match="EV0"):
        queries.event("EV0")


def test_open_events_come_first_and_only_they_are_open(opened, people, now):
    first = opened("rainstorm_red")
    second = open_event(by=people["anlan"], hazard="hail", codes=["360123"])
    close_event(event=second, by=people["anlan"])
    assert list(queries.open_events()) == [first]
    assert list(queries.events()) == [first, second]


def test_the_chain_is_every_alert_the_event_goes_back_to(opened, people, sample):
    event = opened("rainstorm_red")
    for name in ("rainstorm_update", "convection_polygon"):
        receive_alert(data=sample(name), source="test", by=people["anlan"])
    event.refresh_from_db()
    assert [alert.msg_type for alert in queries.chain(event)] == ["Alert", "Update"]
    assert queries.chain(Event()) == []


def test_alerts_that_refer_to_each_other_in_a_ring_have_an_end(people, sample):
    named = "36012341600000_20260618193000,2026-06-18T19:50:00+08:00"
    back = f"Anyi_County_Meteorological_Observatory,{named}"
    receive_alert(data=sample("rainstorm_update"), source="test", by=people["anlan"])
    ring = {"<scope>Public</scope>": f"<scope>Public</scope><references>{back.replace('3000,', '5000,')}</references>"}
    alert = receive_alert(data=sample(replace=ring), source="test", by=people["anlan"])
    assert {identifier[-4:] for identifier in queries.ancestry(alert)} == {"3000", "5000"}


def test_places_are_named_and_foreign_ones_shown_by_code(opened, people, sample):
    event = opened("rainstorm_red")
    receive_alert(data=sample("rainstorm_update"), source="test", by=people["anlan"])
    event.refresh_from_db()
    assert queries.places(event) == ["安义县", "360925000000"]


def test_alerts_are_listed_without_their_documents(opened, django_assert_num_queries):
    opened("rainstorm_red")
    with django_assert_num_queries(1):
        (alert,) = queries.alerts()
        assert str(alert) == alert.identifier
    assert "raw" in alert.get_deferred_fields()
    assert Alert.objects.count() == 1


def test_gauges_and_readings_keep_to_their_division(gauges, people, now):
    observe(readings=[("S1", now, 1.0), ("S2", now, 2.0)], by=people["anlan"])
    mine = Station.objects.visible_to(people["township_officer_a"])
    assert sorted(mine.values_list("code", flat=True)) == ["D1", "S1"]
    assert str(mine.get(code="S1")) == "示例一站"
    assert [str(each) for station in mine for each in station.observations.all()] == ["S1 1"]
