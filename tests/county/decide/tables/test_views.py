"""The screens of the rules: read by many, drafted by few, signed by another."""

from datetime import date

import pytest
from django.urls import reverse
from tests.county.cases import UNSAFE, WELL, found, move

from anlan.county.decide import queries
from anlan.county.decide.models import Case, Step, Wording
from anlan.county.decide.tables.queries import listed
from anlan.county.office.actions import appoint
from anlan.county.office.models import User
from anlan.county.verify.actions import FindingReport

TYPED = {"since": "2026-07-01", "title": "县定参考线", "when": "人均收入 < 9500", "then": "below_line",
         "basis": "安府发〔2026〕示例号", "source": "县文件"}  # fmt: skip


def url(name, *parts):
    return reverse(f"decide:{name}", args=parts)


@pytest.fixture
def drafted(storm, as_):
    found(storm.event, storm.household(0, 4), finding=FindingReport(income_per_head_yuan=9_400.0))
    as_("department_clerk").post(url("reword", "identification", "below_line"), TYPED)
    return Wording.objects.get()


@pytest.mark.clause("A1")
def test_every_table_is_read_with_its_conditions_bases_and_days(storm, as_):
    client = as_("village_cadre_a")
    index = client.get(url("tables")).text
    for table in listed():
        assert table.title in index
        assert client.get(url("table", table.key)).status_code == 200
    page = client.get(url("table", "identification")).text
    for words in (
        "人均收入 &lt; 监测线",
        "收入低于参考线",
        "2026-02-03",
        "2021年5月14日",
        "当日不适用",
        "未核实",
        "8,500",
    ):
        assert words in page
    assert "修改" not in page
    before = client.get(url("table", "identification"), {"on": "2025-06-18"}).text
    assert "中农组发〔2021〕7号" in before
    assert client.get(url("table", "identification"), {"on": "x"}).status_code == 422
    assert client.get(url("table", "no_such")).status_code == 404
    assert client.get(url("table", "identification"), {"on": "2020-01-01"}).status_code == 200


@pytest.mark.clause("A1")
def test_a_draft_shows_what_it_changes_and_another_person_signs_it(drafted, as_):
    clerk = as_("department_clerk").get(url("table", "identification")).text
    for words in (
        "待签署的修改：县定参考线",
        "将新提出纳入",
        "脱贫不稳定户 1",
        "万埠镇",
        "+1",
        "收入减少六成，离线不远",
        "撤回",
    ):
        assert words in clerk
    assert url("sign", drafted.pk) not in clerk
    director = as_("county_director")
    assert url("sign", drafted.pk) in director.get(url("table", "identification")).text
    answer = director.post(url("sign", drafted.pk), follow=True)
    assert "已签署" in answer.text
    assert "待签署的修改" not in answer.text
    later = director.get(url("table", "identification"), {"on": "2026-07-01"}).text
    assert "人均收入 &lt; 9500" in later
    assert "county_director 2026-06-18" in later


def test_whoever_drafted_is_told_that_another_signs(storm, as_):
    director = as_("county_director")
    assert "县定" not in director.get(url("reword", "identification", "below_line")).text
    answer = director.post(url("reword", "identification", "below_line"), TYPED, follow=True)
    assert "请由另一人签署" in answer.text
    kept = Wording.objects.get()
    refused = director.post(url("sign", kept.pk))
    assert (refused.status_code, Wording.objects.get().signed_at) == (403, None)
    director.post(url("drop", kept.pk))
    assert Wording.objects.get().dropped_at is not None


def test_a_table_of_amounts_is_reworded_by_its_formula(storm, as_):
    typed = {**TYPED, "when": "是", "then": "家庭纯收入 / 人口 / 2"}
    page = as_("department_clerk").post(url("reword", "income", "income_per_head_yuan"), typed, follow=True).text
    assert "家庭人均纯收入＝家庭纯收入÷人口：6,000" in page


def test_what_cannot_be_read_is_told_beside_what_was_typed(storm, as_):
    page = as_("department_clerk").post(url("reword", "identification", "below_line"), {**TYPED, "when": "家底 < 9500"})
    assert page.status_code == 422
    assert "没有“家底”这个词" in page.text
    assert "家底 &lt; 9500" in page.text
    empty = as_("department_clerk").post(url("reword", "identification", "below_line"), {**TYPED, "when": ""})
    assert empty.status_code == 200
    assert not Wording.objects.exists()
    assert as_("department_clerk").get(url("reword", "identification", "no_such")).status_code == 404


def test_the_wrong_role_neither_drafts_nor_signs_nor_sees_drafts(drafted, as_):
    for who in ("village_cadre_a", "township_officer_a", "auditor"):
        client = as_(who)
        assert client.get(url("reword", "identification", "below_line")).status_code == 403
        assert client.post(url("sign", drafted.pk)).status_code == 403
        assert client.post(url("drop", drafted.pk)).status_code == 403
        assert "待签署的修改" not in client.get(url("table", "identification")).text
    assert as_("department_clerk").post(url("sign", drafted.pk)).status_code == 403
    kept = Wording.objects.get()
    assert (kept.signed_at, kept.dropped_at) == (None, None)


def test_a_clerk_of_a_township_drafts_nothing_for_the_county(storm, as_, people):
    appoint(username="town_clerk", name="town_clerk", role="department_clerk", division="360123101000",
            since=date(2026, 1, 1))  # fmt: skip
    client = as_("auditor")
    client.force_login(User.objects.get(username="town_clerk"))
    answer = client.post(url("reword", "identification", "below_line"), TYPED)
    assert answer.status_code == 403
    assert not Wording.objects.exists()


# --- what if ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("A1")
def test_another_line_is_tried_on_a_page_over_ones_own_households(storm, as_):
    near = FindingReport(income_per_head_yuan=9_400.0)
    found(storm.event, storm.household(0, 4), storm.household(0, 5), storm.household(2, 5), finding=near)
    asked = {"on": "2026-06-18", "parameter": "monitoring_line_yuan", "value": "9500", "against": ""}
    for who, told in (("county_director", ("20", "边缘易致贫户 2", "脱贫不稳定户 1", "石鼻镇")),
                      ("township_officer_b", ("10", "边缘易致贫户 1", "石鼻镇"))):  # fmt: skip
        page = as_(who).get(url("trial"), asked)
        assert page.status_code == 200
        assert all(each in page.text for each in told)
    assert "万埠镇" not in as_("township_officer_b").get(url("trial"), asked).text
    other_day = as_("auditor").get(url("trial"), {"on": "2026-06-18", "against": "2025-06-18"})
    assert "两天的规定不同之处" in other_day.text
    assert "防止返贫监测对象" in other_day.text
    assert "脱贫不稳定户" in other_day.text


@pytest.mark.parametrize(
    ("asked", "told"),
    [({"on": "2026-06-18"}, "请填另一天"), ({"on": "2026-06-18", "value": "9500"}, "要一起填"),
     ({"on": "2026-06-18", "parameter": "monitoring_line_yuan"}, "要一起填"),
     ({"against": "2026-06-18"}, "field--wrong"),
     ({"on": "2026-06-18", "parameter": "x", "value": "1"}, "field--wrong"),
     ({"on": "2026-06-18", "parameter": "monitoring_line_yuan", "value": "nan"}, "field--wrong")],
)  # fmt: skip
def test_a_trial_that_is_not_filled_in_says_what_is_missing(storm, as_, asked, told):
    client = as_("township_officer_a")
    page = client.get(url("trial"), asked)
    assert (page.status_code, told in page.text) == (200, True)
    assert "户）" not in page.text
    assert client.get(url("trial")).status_code == 200


def test_a_figure_without_a_value_on_the_day_is_refused(storm, as_):
    asked = {"on": "2020-06-18", "parameter": "monitoring_line_yuan", "value": "9500"}
    page = as_("township_officer_a").get(url("trial"), asked)
    assert (page.status_code, "没有有效的值" in page.text) == (404, True)


def test_the_examples_stand_below_their_table(storm, as_):
    page = as_("village_cadre_a").get(url("table", "category")).text
    for words in ("正好8500元的不算低于", "人均收入 8,500", "脱贫户 否", "边缘易致贫户", "未签署", "不明"):
        assert words in page
    assert "现在得出" not in page
    for table in ("income", "axes", "risk_types", "clearance", "disaster_item"):
        assert "现在得出" not in as_("village_cadre_a").get(url("table", table)).text


# --- decisions against the proposal -------------------------------------------------------------------------------


@pytest.mark.clause("M3", "A1")
def test_decisions_against_the_proposal_are_counted_where_they_were_made(storm, people, as_):
    well = found(storm.event, storm.household(0, 5), finding=WELL)[0]
    poor, foreign = found(storm.event, storm.household(0, 4), storm.household(2, 4), finding=UNSAFE)
    move("publicity", well, note="家中有老人生病，评议认为应纳入", category="hardship")
    move("not_confirmed", poor, note="有其他收入")
    move("publicity", foreign)
    assert queries.against(people["anlan"]).cases == 2
    assert queries.against(people["anlan"], storm.event).by_state == {"review": 2}
    assert queries.against(people["village_cadre_b"]).cases == 0
    assert [each.against for each in Step.objects.order_by("id")] == [True, True, False]
    page = as_("village_cadre_a").get(reverse("decide:home")).text
    assert "与系统建议不一致的决定 2 件" in page
    assert "民主评议 2" in page
    assert Case.objects.get(pk=poor.pk).reasons == ["有其他收入"]
