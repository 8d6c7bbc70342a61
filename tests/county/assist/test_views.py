"""The screens of assistance."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from tests.county.cases import UNSAFE, entered, found

from anlan.county import clock
from anlan.county.assist import queries
from anlan.county.assist.actions import Plan, plan, stop
from anlan.county.assist.models import Measure


@pytest.fixture
def measures(storm, people):
    """Two measures in village A, one in the other township."""
    plans = [
        Plan(storm.event.pk, storm.household(0, 5).pk, "water_truck"),
        Plan(storm.event.pk, storm.household(0, 5).pk, "house_rebuild"),
        Plan(storm.event.pk, storm.household(2, 5).pk, "temporary_aid"),
    ]
    plan(plans=plans, by=people["anlan"])
    return list(Measure.objects.select_related("event", "household").order_by("id"))


def url(measure, name="measure"):
    return reverse(f"assist:{name}", args=[measure.event.code, measure.household.code, measure.kind])


def test_the_queue_shows_owner_and_deadline_of_what_is_within_ones_divisions(measures, as_):
    page = as_("township_officer_a").get(reverse("assist:home")).text
    assert "拉水送水" in page
    assert "县水利局" in page
    assert "还剩" in page
    assert "临时救助" not in page
    assert "临时救助" in as_("duty_officer").get(reverse("assist:home")).text


def test_the_queue_is_narrowed_by_state_department_and_township(measures, as_):
    def shown(**wanted):
        page = as_("duty_officer").get(reverse("assist:home"), wanted).text
        return {each.kind for each in measures if url(each) in page}

    assert shown() == {"water_truck", "house_rebuild", "temporary_aid"}
    assert shown(department="water") == {"water_truck"}
    assert shown(township="360123102000") == {"temporary_aid"}
    assert shown(state="delivered") == set()
    assert shown(state="x", department="x", township="x") == {"water_truck", "house_rebuild", "temporary_aid"}


def test_ticked_measures_are_begun_delivered_and_receipted_together(measures, as_):
    ids = [each.pk for each in measures[:2]]
    officer = as_("township_officer_a")
    for to, words in (("delivering", {}), ("delivered", {}), ("receipted", {"text": "本人签字"})):
        answer = officer.post(reverse("assist:batch"), {"measures": ids, "to": to, **words})
        assert answer.status_code == 302
        assert set(Measure.objects.filter(pk__in=ids).values_list("state", flat=True)) == {to}
    assert Measure.objects.get(kind="water_truck").delivered_yuan == measures[0].amount_yuan


def test_a_foreign_measure_cannot_be_ticked_and_nothing_ticked_is_refused(measures, as_):
    officer = as_("township_officer_a")
    for ids in ([measures[2].pk], [], ["x"]):
        assert officer.post(reverse("assist:batch"), {"measures": ids, "to": "delivered"}).status_code == 422
    assert set(Measure.objects.values_list("state", flat=True)) == {"planned"}


@pytest.mark.parametrize(
    ("username", "state", "offered"),
    [
        ("township_officer_a", "", ["delivering", "delivered"]),
        ("township_officer_a", "delivering", ["delivered"]),
        ("village_cadre_a", "delivered", ["receipted"]),
        ("auditor", "delivered", []),
        ("auditor", "", []),
        ("township_officer_a", "stopped", []),
    ],
)
def test_buttons_are_those_of_the_state_and_the_role(people, username, state, offered):
    assert [to for to, _title in queries.steps(people[username], {"state": state})] == offered


@pytest.mark.clause("G5")
def test_a_measure_shows_its_standard_its_source_and_its_schedule(measures, as_):
    page = as_("township_officer_a").get(url(measures[1])).text
    for word in ("倒排工期", "主体封顶", "宿州", "未核实", "20,000 元"):
        assert word in page
    assert as_("township_officer_a").get(url(measures[2])).status_code == 404


def test_a_measure_is_delivered_receipted_or_stopped_on_its_page(measures, as_):
    truck, house = measures[:2]
    officer = as_("township_officer_a")
    at = f"{clock.now() - timedelta(minutes=5):%Y-%m-%dT%H:%M}"
    assert officer.post(url(truck, "deliver"), {"yuan": "120", "at": at}).status_code == 302
    assert "农户已签收" in officer.get(url(truck)).text
    assert officer.post(url(truck, "receipt"), {"text": "按手印"}).status_code == 302
    assert officer.post(url(house, "stop"), {"reason": "改为修缮"}).status_code == 302
    states = dict(Measure.objects.values_list("kind", "state"))
    assert (states["water_truck"], states["house_rebuild"]) == ("receipted", "stopped")
    assert "改为修缮" in officer.get(url(house)).text
    assert officer.post(url(house, "deliver"), {"yuan": "1", "at": at}).status_code == 409
    assert officer.post(url(house, "stop"), {"reason": ""}).status_code == 422


def test_of_two_measures_of_a_kind_the_later_is_shown(storm, measures, as_, people):
    stop(measure=measures[0], reason="x", by=people["anlan"])
    clock.advance(timedelta(minutes=1))
    plan(plans=[Plan(storm.event.pk, measures[0].household_id, "water_truck")], by=people["anlan"])
    assert "登记落实" in as_("township_officer_a").get(url(measures[0])).text


@pytest.mark.clause("M6", "W6")
def test_planning_ticks_what_the_broken_axes_need(storm, as_):
    entered(storm.event, storm.household(0, 4), finding=UNSAFE)
    address = reverse("assist:plan", args=[storm.event.code, storm.household(0, 4).code])
    officer = as_("township_officer_a")
    page = officer.get(address).text
    assert 'value="temporary_aid"' in page
    assert page.count(" checked") == len(queries.proposed(["income", "home", "water"], "rainstorm"))
    assert officer.post(address, {"kinds": ["temporary_aid", "water_truck"]}).status_code == 302
    assert set(Measure.objects.values_list("kind", flat=True)) == {"temporary_aid", "water_truck"}
    assert Measure.objects.filter(episode__isnull=False).count() == 2
    again = officer.get(address).text
    assert "有水喝" in again
    assert officer.post(address, {}).status_code == 200


def test_planning_knows_the_axes_of_a_case_still_on_its_way_and_of_nothing_at_all(storm, as_):
    found(storm.event, storm.household(0, 4), finding=UNSAFE)
    assert queries.planning(storm.event, storm.household(0, 4)).offered
    assert queries.planning(storm.event, storm.household(0, 5)).offered == []


def test_the_five_needs_stand_as_the_measures_do(storm, measures, people):
    Measure.objects.filter(kind="water_truck").update(
        state="delivered", delivered_at=clock.now(), delivered_by=people["anlan"]
    )
    stop(measure=Measure.objects.get(kind="house_rebuild"), reason="x", by=people["anlan"])
    plan(plans=[Plan(storm.event.pk, storm.household(0, 5).pk, "relief_food")], by=people["anlan"])
    told = queries.needs(list(queries.of_household(storm.event, storm.household(0, 5))))
    assert {need.title: need.state for need in told} == {
        "有饭吃": "coming", "有水喝": "met", "有衣穿": "none", "有住处": "none", "有病能医": "none",
    }  # fmt: skip


def test_measures_of_one_event_may_be_asked_for(storm, measures, people):
    assert queries.queue(people["anlan"], event=storm.event).count() == 3


def test_who_may_do_nothing_is_turned_away(measures, client, as_):
    assert client.get(reverse("assist:home")).status_code == 302
    assert as_("administrator").get(reverse("assist:home")).status_code == 403
    assert as_("auditor").post(reverse("assist:batch"), {}).status_code == 403


def test_the_catalogue_is_printed_with_its_sources(now, capsys):
    call_command("assist_catalogue", "--json")
    listed = {each["kind"]: each for each in json.loads(capsys.readouterr().out)}
    assert listed["relief_food"]["yuan"] == 300
    assert listed["relief_food"]["sources"][0]["parameter"] == "relief_emergency_yuan"
    call_command("assist_catalogue")
    assert "拉水送水" in capsys.readouterr().out


def test_a_measure_is_named_by_its_kind():
    assert str(Measure(kind="shelter", household_id=3)) == "shelter 3"


def test_a_refused_form_names_the_field_and_an_absurd_key_is_no_measure(measures, as_):
    officer = as_("township_officer_a")
    for ids, told in (([], "请先勾选要办理的措施。"), (["9" * 30], "勾选的措施有的已不在这里，请刷新页面再选。")):
        answer = officer.post(reverse("assist:batch"), {"measures": ids, "to": "delivered"})
        assert answer.status_code == 422
        assert f"措施：{told}" in answer.text
    assert "办理：" in officer.post(reverse("assist:batch"), {"measures": [measures[0].pk]}).text
