"""Why a household stands where it stands: the same figure again, with every term and its source."""

import json
import shutil
from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from tests.county.foresee.conftest import A, B, C, family

from anlan.county import clock
from anlan.county.errors import NotFound
from anlan.county.foresee import explaining, exposure, hazards
from anlan.county.foresee.actions import foresee
from anlan.county.foresee.models import Run
from anlan.county.foresee.queries import impact_of
from anlan.county.registry.models import Holding
from anlan.county.registry.queries import columns
from anlan.county.registry.records import HoldingRecord, HomeRecord
from anlan.county.sense.actions import enrol_stations, observe

RICH = (HoldingRecord("rice", 8.0, 14_000.0), HoldingRecord("pigs", 3, 5_000.0), HoldingRecord("equipment", 1, 900.0))


@pytest.fixture
def told(settle, storm, people):
    """The explanation of the first household of village A, after a run over three."""

    def told(event=None, forecast=None, **changes):
        settle(
            family(A, 1, holdings=RICH, insured=True, home=HomeRecord("adobe", value_yuan=20_000.0)),
            family(B),
            family(C),
        )
        event = event or storm(**changes)
        foresee(event=event, by=people["duty_officer"], forecast=forecast)
        return explaining.of(impact_of(event, f"{A}00001"))

    return told


def agree(explanation):
    """The terms of each outcome add up to its probability, and that is the figure of the list."""
    impact = explanation.impact
    listed = {
        "p_below": impact.p_below, "p_below_after_spending": impact.p_hardship, "p_home": impact.p_home,
        "p_water": impact.p_water,
    }  # fmt: skip
    assert {each.outcome for each in explanation.outcomes} == set(listed)
    for each in explanation.outcomes:
        assert sum(term.moved for term in each.terms) == pytest.approx(each.probability, abs=1e-9)
        assert explanation.there * each.probability == pytest.approx(listed[each.outcome], abs=2e-5), each.outcome


@pytest.mark.clause("W1", "A1", "P2")
@pytest.mark.parametrize(
    ("hazard", "level"),
    [("rainstorm", 4), ("typhoon", 3), ("flash_flood", 4), ("drought", 4), ("hail", 3), ("pest", 2)],
)
def test_the_terms_add_up_to_the_figure_of_the_list(told, hazard, level):
    agree(told(hazard=hazard, level=level))


def test_they_do_so_where_gauges_spoke_or_an_ensemble(told, storm, people, now):
    enrol_stations(rows=[("S1", "示例站", A, "rain_24h_mm", 115.60, 28.90)], by=people["anlan"])
    observe(readings=[("S1", now, 240.0)], by=people["anlan"])
    event = storm()
    explanation = told(event)
    assert (explanation.run.basis, explanation.dangers[0].members) == ("gauges", 9)
    agree(explanation)
    cells = np.unique(exposure.cells(columns(["360123000000"], clock.today())))
    rain = np.linspace(120, 380, 6)[:, None] + np.arange(len(cells))
    ensemble = hazards.Forecast([("rainstorm", "rain24h_mm", rain)], cells, np.full(6, 1 / 6))
    foresee(event=event, by=people["anlan"], forecast=ensemble)
    explanation = explaining.of(impact_of(event, f"{A}00001"))
    assert (explanation.run.basis, explanation.dangers[0].members) == ("forecast", 6)
    agree(explanation)


@pytest.mark.clause("M2")
def test_who_may_stand_outside_the_area_is_explained_as_if_inside_and_then_weighed(told, storm):
    ring = [[115.61, 28.8], [115.7, 28.8], [115.7, 29.0], [115.61, 29.0], [115.61, 28.8]]
    explanation = told(storm(codes=[], polygons=[ring]))
    assert 0.3 < explanation.there < 0.7
    agree(explanation)


def test_each_asset_names_its_curve_and_whence_that_comes(told):
    explanation = told()
    assets = {each.parts[0]: each for each in explanation.assets}
    assert set(assets) == {"house", "crop", "livestock", "stock", "labour", "water"}
    assert assets["crop"].parts == ("crop", "rice", "tillering")
    assert (assets["crop"].quantity, assets["crop"].unit, assets["crop"].value_yuan) == (8.0, "mu", 14_000.0)
    for asset in assets.values():
        for curve in asset.curves:
            assert curve.source
            assert curve.id
            assert not curve.verified
    kinds = {curve.kind for curve in assets["house"].curves}
    assert kinds == {"flood_depth_m"}
    assert explaining.footprinted(explanation).use == "homes"
    assert assets["crop"].loss_yuan == pytest.approx(explanation.impact.crop_yuan, abs=0.01)
    assert assets["water"].loss_yuan is None


def test_each_term_names_its_ground(told):
    explanation = told()
    below = {term.code: term for term in explanation.outcomes[0].terms}
    assert below["crop"].ground.curve.startswith("rain24h_mm_rainstorm_crop")
    assert below["insurance"].ground.parameter == "insurance_pays_ratio"
    assert below["error"].ground.parameter == "income_error_sd"
    assert below["error"].ground.source
    assert below["income"].value == 22_000.0
    assert explanation.line.key == "monitoring_line_yuan"
    assert explanation.dangers[0].source.startswith("暴雨预警信号")
    assert explanation.dangers[0].low < explanation.dangers[0].middle < explanation.dangers[0].high


def test_without_water_in_the_yard_there_is_no_footprint_to_speak_of(told):
    assert explaining.footprinted(told(hazard="drought")) is None


def test_an_older_run_is_explained_from_what_stood_there_then(told, storm, people):
    event = storm()
    before = told(event)
    Holding.objects.update(value_yuan=1.0)
    clock.advance(timedelta(hours=1))
    foresee(event=event, by=people["anlan"])
    older = event.runs.order_by("made_at").first()
    again = explaining.of(older.impacts.get(household__code=f"{A}00001"))
    assert [each.value_yuan for each in again.assets] == [each.value_yuan for each in before.assets]
    agree(again)
    agree(explaining.of(impact_of(event, f"{A}00001")))


def test_a_run_of_an_older_method_cannot_be_explained_and_says_so(told, storm):
    event = storm()
    told(event)
    Run.objects.update(exposure=None)
    with pytest.raises(NotFound, match="重新研判"):
        explaining.of(impact_of(event, f"{A}00001"))


def test_tables_that_are_gone_are_named(told, storm, tmp_path):
    event = storm()
    with override_settings(EXPOSURE=tmp_path / "gone"):
        told(event)
        shutil.rmtree(settings.EXPOSURE)
        with pytest.raises(NotFound, match="households-"):
            explaining.of(impact_of(event, f"{A}00001"))


def test_whoever_was_not_in_the_register_then_is_not_found_in_its_tables(told, storm, settle):
    event = storm()
    impact = told(event).impact
    settle(family(A, 9))
    impact.household = type(impact.household).objects.get(code=f"{A}00009")
    with pytest.raises(NotFound, match="还没有这一户"):
        explaining.of(impact)


# --- command and page ----------------------------------------------------------------------------------


def test_the_command_prints_one_document_without_a_name(told, storm, capsys):
    event = storm()
    told(event)
    call_command("foresee_explain", event.code, f"{A}00001", json=True)
    printed = capsys.readouterr().out
    document = json.loads(printed)
    assert "示例户" not in printed
    assert document["figures"]["p_below"] == pytest.approx(document["outcomes"][0]["probability"], abs=2e-5)
    assert document["line"]["verified"] is False
    assert {each["parts"][0] for each in document["assets"]} >= {"crop", "house"}
    call_command("foresee_explain", event.code, f"{A}00001")
    assert "p_below" in capsys.readouterr().out


def test_the_command_refuses_whom_it_does_not_find(told, storm):
    event = storm()
    told(event)
    with pytest.raises(NotFound, match="360123999"):
        call_command("foresee_explain", event.code, "36012399920100001")


@pytest.mark.clause("A1")
def test_the_page_tells_what_stands_where_and_whence_every_figure_comes(told, storm, client, people):
    event = storm()
    told(event)
    client.force_login(people["village_cadre_a"])
    page = client.get(reverse("foresee:explain", args=[event.code, f"{A}00001"])).text
    for word in ("水稻", "分蘖期", "土坯", "未核实", "登记收入可能有误差", "24小时雨量", "保险赔付"):
        assert word in page, word
    client.cookies["django_language"] = "en"
    english = client.get(
        reverse("foresee:explain", args=[event.code, f"{A}00001"]), headers={"accept-language": "en"}
    ).text
    assert "Why this estimate" in english
    assert "unverified" in english


@pytest.mark.clause("L1")
def test_a_stranger_is_not_told(told, storm, client, people):
    event = storm()
    told(event)
    client.force_login(people["township_officer_b"])
    assert client.get(reverse("foresee:explain", args=[event.code, f"{A}00001"])).status_code == 404


def test_the_page_asks_a_constant_number_of_questions(told, storm, client, people, django_assert_num_queries, settle):
    event = storm()
    told(event)
    client.force_login(people["duty_officer"])
    url = reverse("foresee:explain", args=[event.code, f"{A}00001"])
    client.get(url)
    with django_assert_num_queries(30, exact=False) as asked:
        client.get(url)
    first = len(asked)
    settle(*(family(A, n) for n in range(20, 40)))
    foresee(event=event, by=people["anlan"])
    with django_assert_num_queries(first):
        client.get(url)
