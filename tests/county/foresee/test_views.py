"""The ranked list and the villages on the screen."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.county.foresee.conftest import A, B, C, D, box, family

from anlan.county import clock
from anlan.county.foresee import queries
from anlan.county.foresee.actions import foresee
from anlan.county.foresee.models import Outlook, Run
from anlan.county.sense.actions import enrol_stations, observe


@pytest.fixture
def enter(people, client):
    """A browser in which this person is logged in."""

    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


@pytest.fixture
def event(settle, storm, people):
    settle(*(family(village, n) for village in (A, B, C, D) for n in (1, 2)))
    made = storm()
    foresee(event=made, by=people["anlan"])
    return made


def page(browser, name, event, **query):
    answer = browser.get(reverse(f"foresee:{name}", args=[event.code]), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.clause("W1", "P2")
def test_the_list_says_who_where_how_sure_how_hard_and_how_much(event, enter):
    shown = page(enter("duty_officer"), "ranked", event)
    for words in ("示例户1", "示例甲村", "所在区划在预警范围内", "只知道在哪个村", "红色", "元", "%", "预警信号的等级",
                  "8,500 元", "住房不安全", "饮水不安全"):  # fmt: skip
        assert words in shown, words
    assert reverse("desk:household", args=[f"{A}00001"]) in shown
    assert shown.count("未核实") >= 2


def test_a_polygons_list_says_how_sure_the_place_is(settle, storm, people, enter):
    settle(family(A), family(A, 2, location="point", lon=115.62, lat=28.91))
    event = storm(codes=[], polygons=[box(115.61, 28.8, 115.7, 29.0)])
    foresee(event=event, by=people["anlan"])
    shown = page(enter("duty_officer"), "ranked", event)
    assert "在划定区域内的可能性 100%" in shown
    assert "在划定区域内的可能性 50%" in shown
    assert "定位到户" in shown


def test_key_groups_carry_their_badge(settle, storm, people, enter):
    settle(family(A, categories=("disabled",)))
    event = storm(level=1)
    foresee(event=event, by=people["anlan"])
    assert "残疾人</span>" in page(enter("duty_officer"), "ranked", event)


def test_the_villages_are_added_up(event, enter):
    shown = page(enter("duty_officer"), "villages", event)
    for words in ("示例甲村", "示例丁村", "预计新增风险户", "未核实", "红色"):
        assert words in shown, words
    assert "示例户1" not in shown


def test_the_gauges_are_named_as_the_basis(event, people, enter):
    enrol_stations(rows=[("S1", "示例站", A, "rain_24h_mm", 115.61, 28.91)], by=people["anlan"])
    observe(readings=[("S1", clock.now(), 3.0)], by=people["anlan"])
    browser = enter("duty_officer")
    browser.post(reverse("foresee:run", args=[event.code]))
    shown = page(browser, "ranked", event)
    assert "测站实况" in shown
    assert "轻微" in shown


def test_one_household_is_found_in_the_list_by_name_code_or_village(event, enter):
    browser = enter("duty_officer")
    assert page(browser, "ranked", event, village=B).count("table--brief") == 1
    assert f"{A}00001" not in page(browser, "ranked", event, village=B)
    ended = page(browser, "ranked", event, words="200002")
    assert (f"{D}00002" in ended, f"{C}00002" in ended, f"{D}00001" in ended) == (True, False, False)
    named = page(browser, "ranked", event, words="示例户1", village=C)
    assert (f"{C}00001" in named, f"{C}00002" in named) == (True, False)
    nobody = page(browser, "ranked", event, words="查无此人")
    assert "名单里没有找到" in nobody
    assert 'value="查无此人"' in nobody
    assert f"{A}00001" in page(browser, "ranked", event, village="x")  # no such village: the list as it is


def test_who_has_one_village_is_not_asked_for_it(event, enter):
    assert 'name="village"' not in page(enter("village_cadre_a"), "ranked", event)
    found = page(enter("village_cadre_a"), "ranked", event, village=C, words="示例户")
    assert (f"{A}00001" in found, f"{C}00001" in found) == (True, False)


@pytest.mark.clause("L1")
@pytest.mark.parametrize("name", ["ranked", "villages", "visits"])
def test_a_township_sees_its_own_alone(event, enter, name):
    shown = page(enter("township_officer_a"), name, event)
    assert "示例甲村" in shown
    assert "示例丙村" not in shown
    assert "示例丁村" not in shown


def test_a_cadre_of_a_village_that_is_not_hit_reads_that(settle, storm, people, enter):
    settle(family(A), family(C))
    event = storm(codes=["360123101000"])
    foresee(event=event, by=people["anlan"])
    cadre = enter("village_cadre_b")
    assert "您负责的区划内没有受影响的农户" in page(cadre, "ranked", event)
    assert "您负责的区划内没有受影响的村" in page(cadre, "villages", event)
    assert "您负责的区划内没有可能新增风险的农户" in page(cadre, "visits", event)


@pytest.mark.parametrize("name", ["ranked", "villages", "visits"])
def test_before_the_first_run_the_page_says_so_and_offers_one(storm, enter, name):
    shown = page(enter("duty_officer"), name, storm())
    assert "还没有开展研判" in shown
    assert f'action="{reverse("foresee:run", args=["EV20260618-rainstorm-1"])}"' in shown


def test_running_again_makes_a_run_and_comes_back(event, enter):
    browser = enter("duty_officer")
    assert "重新研判" in page(browser, "ranked", event)
    answer = browser.post(reverse("foresee:run", args=[event.code]), follow=True)
    assert answer.redirect_chain == [(reverse("foresee:ranked", args=[event.code]), 302)]
    assert "研判完成，全县 8 户受影响。" in answer.content.decode()
    assert Run.objects.count() == 2


def test_who_may_not_run_is_not_offered_it_and_is_refused(event, enter):
    browser = enter("auditor")
    assert "重新研判" not in page(browser, "ranked", event)
    assert browser.post(reverse("foresee:run", args=[event.code])).status_code == 403
    assert browser.get(reverse("foresee:run", args=[event.code])).status_code == 403
    assert Run.objects.count() == 1


def test_a_closed_event_offers_no_run_and_refuses_one_with_its_sentence(event, enter):
    event.closed_at = clock.now() + timedelta(hours=1)
    event.save()
    browser = enter("duty_officer")
    assert "重新研判" not in page(browser, "ranked", event)
    answer = browser.post(reverse("foresee:run", args=[event.code]))
    assert answer.status_code == 409
    assert "已结束，不再研判" in answer.content.decode()


def test_looking_does_not_run(event, enter):
    assert enter("duty_officer").get(reverse("foresee:run", args=[event.code])).status_code == 405


def test_an_unknown_event_is_not_found(county, enter):
    assert enter("duty_officer").get(reverse("foresee:ranked", args=["EV1"])).status_code == 404


def test_who_is_not_logged_in_is_sent_to_the_door(event, client):
    answer = client.get(reverse("foresee:ranked", args=[event.code]))
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("office:login"))


@pytest.mark.parametrize("name", ["ranked", "villages", "visits"])
def test_a_long_list_costs_as_many_queries_as_a_short_one(event, enter, settle, people, name):
    browser = enter("duty_officer")
    page(browser, name, event)

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(browser, name, event)
        return len(queries)

    short = cost()
    settle(*(family(village, n) for village in (A, B, C, D) for n in range(3, 9)))
    foresee(event=event, by=people["anlan"])
    assert cost() == short


def test_the_list_is_walked_by_rank_twenty_at_a_time(settle, storm, people, enter):
    settle(*(family(village, n) for village in (A, B) for n in range(1, 31)))
    event = storm()
    foresee(event=event, by=people["anlan"])
    url, browser = reverse("foresee:ranked", args=[event.code]), enter("duty_officer")
    first = browser.get(url)
    assert [each.rank for each in first.context["page"].rows] == list(range(1, 21))
    assert 'href="?past=20"' in first.text
    assert "回到第一页" not in first.text
    second = browser.get(url, {"past": 40})
    assert [each.rank for each in second.context["page"].rows] == list(range(41, 61))
    assert 'rel="next"' not in second.text
    assert "回到第一页" in second.text


def test_a_cadre_s_pages_hold_twenty_of_the_own_village_however_the_ranks_lie(settle, storm, people, enter):
    settle(*(family(village, n) for village in (A, B) for n in range(1, 61)))
    event = storm()
    foresee(event=event, by=people["anlan"])
    url, cadre = reverse("foresee:ranked", args=[event.code]), enter("village_cadre_a")
    first = cadre.get(url).context["page"]
    second = cadre.get(url, {"past": first.following}).context["page"]
    third = cadre.get(url, {"past": second.following}).context["page"]
    codes = [each.household.code for each in (*first.rows, *second.rows, *third.rows)]
    assert (len(first.rows), len(second.rows), third.following) == (20, 20, "")
    assert sorted(codes) == [f"{A}{n:05d}" for n in range(1, 61)]


# --- visits, bounds, explanations ------------------------------------------------------------------------


@pytest.mark.clause("D5")
def test_so_many_visits_go_village_after_village_to_who_is_most_probably_at_risk(event, enter):
    url, browser = reverse("foresee:visits", args=[event.code]), enter("duty_officer")
    answer = browser.get(url, {"visits": 5})
    plan = answer.context["plan"]
    assert plan.visits == 5
    assert plan.expected <= plan.known
    scores = sorted((each.score for each in queries.ranked(event)), reverse=True)
    assert plan.expected == pytest.approx(sum(scores[:5]))
    assert sum(each.expected for each in plan.rounds) == pytest.approx(plan.expected)
    assert len({each.code for each in plan.rounds}) == len(plan.rounds)
    assert "入户 5 次" in answer.text
    assert browser.get(url).context["plan"].visits == 8, "two hundred, as far as there are households"


@pytest.mark.parametrize("visits", ["0", "-3", "many", "5001", ""])
def test_a_number_of_visits_that_is_none_is_refused_beside_the_field(event, enter, visits):
    answer = enter("duty_officer").get(reverse("foresee:visits", args=[event.code]), {"visits": visits})
    assert answer.status_code == 200
    assert answer.context["plan"] is None
    assert "visits" in answer.context["form"].errors


@pytest.mark.clause("W3")
def test_villages_show_the_bounds_of_the_expected_number(event, enter):
    shown = page(enter("duty_officer"), "villages", event)
    assert "八成把握的范围" in shown
    assert re.search(r">\d–\d<", shown)


def test_a_run_of_an_older_method_has_neither_bounds_nor_explanations(event, enter):
    Run.objects.update(exposure=None)
    Outlook.objects.all().delete()
    browser = enter("duty_officer")
    assert not re.search(r">\d–\d<", page(browser, "villages", event))
    code = f"{A}00001"
    link = reverse("foresee:explain", args=[event.code, code])
    assert link not in page(browser, "ranked", event)
    answer = browser.get(link)
    assert answer.status_code == 404
    assert "请重新研判" in answer.text


def test_each_household_of_the_list_leads_to_its_explanation(event, enter):
    assert reverse("foresee:explain", args=[event.code, f"{A}00001"]) in page(enter("duty_officer"), "ranked", event)


def test_the_pages_are_there_in_english(event, enter):
    browser = enter("duty_officer")
    for name, words in (
        ("visits", "Order of visits"),
        ("villages", "Eight cases in ten"),
        ("ranked", "After spending"),
    ):
        shown = browser.get(reverse(f"foresee:{name}", args=[event.code]), headers={"accept-language": "en"}).text
        assert words in shown, name
