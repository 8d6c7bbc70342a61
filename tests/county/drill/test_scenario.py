"""Scenarios and their alerts, and what a real alert makes of one."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.county.drill.alerts import alert_xml
from anlan.county.drill.households import STRUCTURES, WATER
from anlan.county.drill.place import county
from anlan.county.drill.scenario import FROM_ALERT, RULES_SINCE, from_alert, read, scenarios
from anlan.county.errors import BadInput, NotFound
from anlan.county.sense.feeds.cap.parse import parse
from anlan.engine.hazard import severity
from anlan.engine.hazard.taxonomy import HAZARDS

SAMPLES = Path(__file__).parents[1] / "sense" / "data"
NAMES = [scenario.name for scenario in scenarios()]
RED = (SAMPLES / "rainstorm_red.xml").read_bytes()
COLOURS = "蓝黄橙红"


def test_the_scenarios_are_listed_without_the_one_that_needs_an_alert():
    assert {"june_rainstorm", "autumn_drought"} <= set(NAMES)
    assert FROM_ALERT not in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_has_all_that_a_drill_needs(name):
    scenario = read(name)
    assert scenario.title
    assert scenario.hazard in HAZARDS
    assert scenario.element in severity.elements()
    assert scenario.start.tzinfo is not None
    assert scenario.start.date() >= RULES_SINCE
    assert scenario.days >= 210  # clearing takes half a year
    assert [alert["after_min"] for alert in scenario.alerts] == sorted({a["after_min"] for a in scenario.alerts})
    assert scenario.alerts[0]["after_min"] == 0
    assert all(alert["colour"] in COLOURS and alert["valid_h"] > 0 for alert in scenario.alerts)
    assert 0 < scenario.field["background"] < scenario.field["peak"]
    assert set(scenario.loss) == {"crop", "livestock", "equipment", "work"}
    assert all(0 < rule["most"] <= 1 and rule["half"] > 0 for rule in scenario.loss.values())
    assert set(scenario.unsafe["home"]["by_structure"]) == set(STRUCTURES)
    assert set(scenario.unsafe["water"]["by_source"]) == set(WATER)


@pytest.mark.parametrize("name", ["", "nonsense", "../world", "june_rainstorm.toml", "六月暴雨", FROM_ALERT, "a b"])
def test_an_unknown_scenario_is_refused_with_the_known_ones(name):
    with pytest.raises(NotFound, match=r"autumn_drought, .*june_rainstorm"):
        read(name)


# --- their own alerts ----------------------------------------------------------------------------------


@pytest.mark.clause("S1", "S3")
@pytest.mark.parametrize("name", NAMES)
def test_every_alert_of_a_scenario_is_accepted_as_what_it_is(name):
    scenario = read(name)
    identifiers = []
    for number, alert in enumerate(scenario.alerts):
        parsed = parse(alert_xml(scenario, number, scenario.start))
        said = parsed.alert
        assert parsed.verdict == "accepted", parsed.findings
        assert (said.hazard, said.level) == (scenario.hazard, COLOURS.index(alert["colour"]) + 1)
        assert said.sent == scenario.start + timedelta(minutes=alert["after_min"])
        assert said.expires - said.sent == timedelta(hours=alert["valid_h"])
        assert (said.status, said.msg_type) == ("Exercise", "Update" if number else "Alert")
        assert list(said.references) == identifiers[-1:]
        assert said.codes == [county()["code"]]
        assert "示例" in said.headline
        identifiers.append(said.identifier)
    assert len(set(identifiers)) == len(identifiers)


# --- a real one ----------------------------------------------------------------------------------------


def test_a_real_alert_gives_hazard_moment_and_strength():
    scenario, said = from_alert(RED), parse(RED).alert
    assert (scenario.name, scenario.hazard, scenario.start) == (FROM_ALERT, "rainstorm", said.sent)
    assert said.headline in scenario.title
    assert scenario.alerts == ()
    assert scenario.field["peak"] == severity.from_level(said.level)


def test_a_weaker_alert_is_a_weaker_storm():
    yellow = (
        RED.decode().replace("红色", "黄色").replace("Ⅰ级/特别严重", "Ⅲ级/较重").replace("Extreme", "Moderate").encode()
    )
    weaker = from_alert(yellow)
    assert parse(yellow).alert.level < parse(RED).alert.level
    assert weaker.field["peak"] < from_alert(RED).field["peak"]
    assert weaker.field["background"] < from_alert(RED).field["background"]


@pytest.mark.parametrize(("year", "on"), [(2008, date(2024, 6, 18)), (2022, date(2023, 6, 18))])
def test_an_old_alert_is_rehearsed_on_its_day_of_a_year_that_has_rules(year, on):
    scenario = from_alert(RED.replace(b"2026-06-18", f"{year}-06-18".encode()))
    assert scenario.start.date() >= RULES_SINCE
    assert (scenario.start.month, scenario.start.day) == (on.month, on.day)


def test_a_cancellation_cannot_start_a_drill():
    with pytest.raises(BadInput, match="Cancel"):
        from_alert((SAMPLES / "rainstorm_cancel.xml").read_bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"not xml", b"<alert/>", b"\xff\xfe\x00", RED[: len(RED) // 2], b"<a>" * 20_000,
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + RED,
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><alert>&b;</alert>',
        RED.replace(b"urn:oasis:names:tc:emergency:cap:1.2", b"urn:something:else"),
    ],
)  # fmt: skip
def test_what_is_no_alert_is_refused_with_what_is_wrong(data):
    with pytest.raises(BadInput, match=r"预警文件不能用：."):
        from_alert(data)


@given(st.binary(max_size=80))
@settings(max_examples=50)
def test_any_bytes_are_read_or_refused(data):
    with pytest.raises(BadInput):
        from_alert(data)
