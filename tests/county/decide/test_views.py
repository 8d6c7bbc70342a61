"""The screens of the decision."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.county.cases import UNSAFE, WELL, cases, found, move, walk

from anlan.county import clock
from anlan.county.decide.models import Case
from anlan.county.decide.rules import CATEGORIES, CHAIN, MACHINE, MOVES, OWNERS, STATES
from anlan.county.decide.wording import SENTENCES, sentence, short
from anlan.county.ledger.models import Entry
from anlan.engine.eligibility import clearance, risk


@pytest.fixture
def waiting(storm):
    """Two cases in village A and one in the other township."""
    return found(storm.event, storm.household(0, 4), storm.household(0, 5), storm.household(2, 5), finding=UNSAFE)


def case_url(case, name="case"):
    return reverse(f"decide:{name}", args=[case.event.code, case.household.code])


def test_the_queue_shows_what_waits_for_this_person_and_nothing_else(waiting, as_):
    page = as_("village_cadre_a").get(reverse("decide:home"))
    mine, foreign = waiting[:2], waiting[2]
    assert page.status_code == 200
    for case in mine:
        assert case.household.head_name in page.text
    assert foreign.household.head_name not in page.text
    assert "还剩" in page.text
    assert "等您办理" in as_("county_director").get(reverse("decide:home")).text
    assert mine[0].household.head_name not in as_("county_director").get(reverse("decide:home")).text


def test_the_queue_may_show_one_state(waiting, as_):
    move("publicity", waiting[0])
    page = as_("village_cadre_a").get(reverse("decide:home"), {"state": "publicity"})
    assert waiting[0].household.head_name in page.text
    assert waiting[1].household.head_name not in page.text
    assert as_("village_cadre_a").get(reverse("decide:home"), {"state": "x"}).status_code == 200


def test_the_queue_takes_the_same_number_of_queries_however_long_it_is(storm, as_, django_assert_max_num_queries):
    client = as_("village_cadre_a")
    found(storm.event, *[storm.household(0, serial) for serial in range(1, 6)])
    with django_assert_max_num_queries(25):
        client.get(reverse("decide:home"))


@pytest.mark.clause("P2", "M3")
def test_every_row_of_the_tables_can_be_read_with_its_values_and_sources(waiting, as_):
    case = waiting[1]
    assert case_url(case, "explained") in as_("village_cadre_a").get(case_url(case)).text
    page = as_("village_cadre_a").get(case_url(case, "explained")).text
    for word in ("因安全住房", "洪涝", "人均纯收入低于参考线", "8,500", "南康区", "未核实", "收入核算期"):
        assert word in page, word
    for secret in (case.household.phone, *case.household.people.values_list("id_number", flat=True)):
        assert not secret or secret not in page
    assert as_("village_cadre_b").get(case_url(case, "explained")).status_code == 404


@pytest.mark.clause("P2", "M3")
def test_a_case_shows_its_chain_the_proposal_and_the_source_of_every_figure(waiting, as_):
    page = as_("village_cadre_a").get(case_url(waiting[1])).text
    for word in (
        "民主评议",
        "县级审批",
        "边缘易致贫户",
        "低于监测范围参考线",
        "住房安全没有保障",
        "5,000 元",
        "未核实",
    ):
        assert word in page
    assert "8,500 元" in page
    assert "南康区" in page


def test_who_may_not_act_sees_no_buttons(waiting, as_):
    assert "评议通过" in as_("village_cadre_a").get(case_url(waiting[1])).text
    page = as_("auditor").get(case_url(waiting[1])).text
    assert "评议通过" not in page
    assert "不由您办理" in page


def test_a_foreign_case_is_not_there(waiting, as_):
    assert as_("village_cadre_a").get(case_url(waiting[2])).status_code == 404
    posted = as_("village_cadre_a").post(case_url(waiting[2], "move"), {"to": "publicity", "version": 0})
    assert posted.status_code == 404
    assert Case.objects.get(pk=waiting[2].pk).state == "review"


def test_a_move_goes_on_to_the_next_case_and_at_the_end_to_the_queue(waiting, as_):
    client = as_("village_cadre_a")
    answer = client.post(case_url(waiting[0], "move"), {"to": "publicity", "version": 0})
    assert answer["Location"] == case_url(waiting[1])
    client.post(case_url(waiting[1], "move"), {"to": "publicity", "version": 0})
    Case.objects.filter(pk=waiting[0].pk).update(state="town_check")
    answer = client.post(case_url(waiting[1], "move"), {"to": "objection", "version": 1, "note": "有异议"})
    assert answer["Location"] == reverse("decide:home")


def test_an_old_page_is_told_so_and_changes_nothing(waiting, as_):
    move("publicity", waiting[0])
    answer = as_("village_cadre_a").post(case_url(waiting[0], "move"), {"to": "publicity", "version": 0})
    assert answer.status_code == 409
    assert "刷新" in answer.text
    wrong = as_("village_cadre_a").post(case_url(waiting[0], "move"), {"to": "publicity", "version": "x"})
    assert wrong.status_code == 422


@pytest.mark.clause("M2")
def test_the_notice_shows_a_masked_name_the_group_people_and_category_and_nothing_else(storm, waiting, as_):
    move("publicity", *waiting[:2])
    page = as_("village_cadre_a").get(reverse("decide:notice", args=[storm.event.code, "360123101201"])).text
    household = waiting[1].household
    assert f"{household.head_name[0]}*" in page
    for word in ("边缘易致贫户", "示例甲村1组", "12317", "6月18日", "6月23日"):
        assert word in page
    person = household.people.get(relation="head")
    members = [value for each in household.people.all() for value in (each.name, each.id_number) if value]
    ends = [household.phone[-4:], person.id_number[-4:], person.id_number[:6]]
    for secret in (household.head_name, household.code, household.phone, *members, *ends, "慢性病", "大病", "残疾"):
        assert secret not in page
    assert "****" not in page  # not even masked: what is hung up in the village has no place for a number
    foreign = reverse("decide:notice", args=[storm.event.code, "360123102201"])
    assert as_("village_cadre_a").get(foreign).status_code == 404
    nothing = reverse("decide:notice", args=[storm.event.code, "360123101202"])
    assert "没有正在公示" in as_("township_officer_a").get(nothing).text


def test_villages_with_a_publicity_are_listed(storm, waiting, as_):
    move("publicity", waiting[0])
    page = as_("township_officer_a").get(reverse("decide:home")).text
    assert reverse("decide:notice", args=[storm.event.code, "360123101201"]) in page


def test_the_chain_is_drawn_as_it_was_walked(storm, waiting, as_, people):
    first, second, third = waiting
    walk(first)
    move("not_confirmed", second, note="有其他收入")
    move("publicity", third)
    clock.advance(timedelta(hours=2))
    move("objection", third, note="邻居有异议")
    reader = as_("auditor")
    assert reader.get(case_url(first)).text.count("steps__step--done") == 6
    refused = reader.get(case_url(second)).text
    assert "steps__step--failed" in refused
    assert "有其他收入" in refused
    objected = reader.get(case_url(third)).text
    assert "异议、新情况复核" in objected
    assert "邻居有异议" in objected


def test_a_well_household_is_shown_as_proposed_not_to_be_taken_in(storm, as_):
    case = found(storm.event, storm.household(0, 5), finding=WELL)[0]
    page = as_("village_cadre_a").get(case_url(case)).text
    assert "没有缺项" in page
    assert "不予纳入" in page
    move("not_confirmed", case, note="无损失")
    assert "各项指标没有缺项" in as_("village_cadre_a").get(case_url(cases(storm.event, case.household)[0])).text


def test_a_stranger_is_sent_to_the_door_and_the_wrong_role_away(waiting, client, as_):
    assert client.get(reverse("decide:home")).status_code == 302
    assert as_("administrator").get(reverse("decide:home")).status_code == 403
    assert as_("auditor").post(case_url(waiting[0], "move"), {"to": "publicity", "version": 0}).status_code == 403


def test_every_state_has_words_an_owner_and_a_button():
    assert set(STATES) == set(MOVES) == set(MACHINE.states)
    assert {state.owner for state in MACHINE.states.values()} == set(OWNERS)
    assert MACHINE.ends() == {"entered", "not_confirmed"}
    assert set(CHAIN) <= set(MACHINE.states)
    assert set(CATEGORIES) == {"unstable", "marginal", "hardship"}


def test_every_reason_of_the_engine_has_a_sentence():
    assert {*risk.CODES, *clearance.CODES} <= set(SENTENCES)
    values = {"rigid_per_head_yuan": 5000.0, "left_per_head_yuan": 7000.0, "large_yuan": 4250.0}
    told = sentence({"code": "rigid_spending", "axis": "income", "values": values})
    assert "5,000" in told
    assert "7,000" in told
    dropped = {"dropped_ratio": 0.6, "income_per_head_yuan": 9000.0, "near_yuan": 1.0}
    assert "60%" in sentence({"code": "income_dropped", "axis": "income", "values": dropped})
    assert sentence({"code": "new_rule", "axis": ""}) == "new_rule"
    assert short("below_line") != "below_line"
    assert short("有其他收入") == "有其他收入"


@pytest.mark.clause("M2")
@pytest.mark.parametrize("to", ["publicity", "town_check", "county_decide", "notice", "entered", "objection"])
def test_a_late_click_on_a_finished_case_is_told_so_and_changes_nothing(storm, as_, to):
    (case,) = found(storm.event, storm.household(0, 5))
    walk(case)
    fresh, lines = Case.objects.get(pk=case.pk), Entry.objects.count()
    for version in (fresh.version, 0):  # the page as it is, and one opened long ago
        address = reverse("decide:move", args=[storm.event.code, case.household.code])
        answer = as_("county_director").post(address, {"to": to, "version": version, "note": "x"})
        assert answer.status_code == 409
        monitored = to == "objection" and version == fresh.version
        assert ("正在监测期内" if monitored else "刷新页面") in answer.text
    assert (Case.objects.get(pk=case.pk).state, Entry.objects.count()) == ("entered", lines)
