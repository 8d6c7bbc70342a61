"""One household explained, and what another line would change; both within one's own divisions."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from django.core.management import call_command
from tests.county.cases import UNSAFE, found

from anlan.county import clock
from anlan.county.decide.tables.comparing import compare
from anlan.county.decide.tables.explaining import TABLES, explain
from anlan.county.decide.tables.households import known
from anlan.county.decide.tables.sidebyside import changed
from anlan.county.decide.tables.trials import day_of, supposing, typed
from anlan.county.errors import BadInput, NotFound
from anlan.county.office.queries import machine
from anlan.county.registry.models import Home, Household, Income, Person
from anlan.county.sense.models import Event
from anlan.county.verify.actions import FindingReport
from anlan.engine import policy
from anlan.engine.policy import tables

TODAY = date(2026, 6, 18)


@pytest.fixture
def told(storm):
    """A household of village A whose house and water were found unsafe, explained."""
    found(storm.event, storm.household(0, 4), finding=UNSAFE)
    return explain(machine(), storm.household(0, 4).code, TODAY)


def row(document, table, name):
    (rows,) = (each["rows"] for each in document["tables"] if each["table"] == table)
    (only,) = (each for each in rows if each["row"] == name)
    return only


@pytest.mark.clause("P2", "M3", "A1")
def test_the_proposal_and_every_reason_and_source_are_told(told):
    assert told["at_risk"] is True
    assert told["category"] == {"code": "unstable", "name": "脱贫不稳定户"}
    assert told["called"]["name"] == "防止返贫致贫对象"
    assert told["disaster_item"] == {"code": "0205", "name": "气象"}
    assert [each["name"] for each in told["risk_types"]] == ["因自然灾害", "因安全住房", "因安全饮水"]
    assert told["period"] == {"from": "2025-06-01", "to": "2026-05-31", "register_until": "2026-05-31"}
    assert (told["axes"]["home"], told["axes"]["food"], told["axes"]["income"]) == (False, True, False)
    below = row(told, "identification", "below_line")
    assert (below["outcome"], below["decisive"], below["trust"], below["verified"]) == ("yes", True, "weak", False)
    line = next(each for each in below["used"] if each["parameter"])
    assert (line["value"], line["parameter"]["trust"], line["parameter"]["verified"]) == (8500.0, "seen", False)
    assert "南康区" in line["parameter"]["source"]
    assert "监测范围（人均纯收入参考线）" in told["unverified"]
    assert [each["table"] for each in told["tables"]] == list(TABLES)
    assert told["supposed"] == ["claims_yuan"]


def test_nobody_is_named(told, storm):
    text = json.dumps(told, ensure_ascii=False)
    household = storm.household(0, 4)
    people = Person.objects.filter(household=household)
    for secret in (household.head_name, household.phone, *people.values_list("name", flat=True), "示例甲村"):
        assert secret not in text
    assert not [each for each in people.values_list("id_number", flat=True) if each and each in text]


@pytest.mark.clause("P2")
def test_what_was_never_looked_at_is_unknown_and_not_safe(storm):
    document = explain(machine(), storm.household(1, 5).code, TODAY)
    assert (document["at_risk"], document["category"]) == (None, None)
    assert document["axes"]["food"] is None
    assert document["axes"]["income"] is True
    assert row(document, "identification", "no_water")["outcome"] == "unknown"


def test_the_register_tells_what_nobody_found(storm):
    household = storm.household(1, 4)
    Home.objects.filter(household=household).update(grade="D")
    Person.objects.filter(household=household, relation="spouse").update(medically_insured=False)
    document = explain(machine(), household.code, TODAY)
    assert (document["at_risk"], document["category"]["code"]) == (True, "hardship")
    assert (document["axes"]["home"], document["axes"]["medical"]) == (False, False)
    Income.objects.filter(household=household).delete()
    document = explain(machine(), household.code, TODAY)
    assert (document["category"], document["period"]["register_until"]) == (None, None)
    assert document["axes"]["income"] is None


def test_a_finding_of_more_than_a_year_ago_says_nothing_of_today(storm, told):
    clock.advance(timedelta(days=420))
    later = explain(machine(), told["household"], clock.today())
    assert later["axes"]["home"] is None
    assert explain(machine(), told["household"], date(2026, 6, 17))["axes"]["home"] is None


def test_a_hazard_that_nobody_knows_leaves_the_sub_item_open(storm, told):
    Event.objects.update(hazard="no_such")
    later = explain(machine(), told["household"], TODAY)
    assert (later["disaster_item"], told["disaster_item"]["code"]) == (None, "0205")


def test_a_household_of_another_township_is_not_there(storm, people):
    foreign = storm.household(2, 5).code
    with pytest.raises(NotFound, match="不在您负责的区划内"):
        explain(people["township_officer_a"], foreign, TODAY)
    assert explain(people["township_officer_b"], foreign, TODAY)["household"] == foreign


@pytest.mark.clause("P2")
def test_a_household_is_explained_as_it_is_counted(storm):
    for place, finding in ((0, UNSAFE), (1, FindingReport(income_per_head_yuan=9_400.0))):
        found(storm.event, storm.household(place, 4), storm.household(place, 5), finding=finding)
    rules = tables.on(policy.on(TODAY))
    everybody = known(Household.objects.visible_to(machine()), rules.policy)
    columns = rules.columns(everybody.columns, ("income", "axes", "identification", "category"), len(everybody))
    told = [explain(machine(), code, TODAY)["category"] for code in everybody.codes]
    codes = [rules.results("category").index(each["code"]) if each else -1 for each in told]
    assert columns["category"].tolist() == codes
    assert set(codes) == {-1, 0, 1, 2}


# --- what if ------------------------------------------------------------------------------------------------------


@pytest.fixture
def near(storm):
    """Three households near the line, and one far below it."""
    found(
        storm.event, storm.household(0, 4), storm.household(0, 5), finding=FindingReport(income_per_head_yuan=9_400.0)
    )
    found(storm.event, storm.household(2, 5), finding=FindingReport(income_per_head_yuan=9_400.0, home_safe=False))
    found(storm.event, storm.household(3, 5), finding=FindingReport(income_per_head_yuan=100.0))
    return storm


def trial(user, **values):
    today = policy.on(TODAY)
    return compare(user, tables.on(today), tables.on(today.supposing(values)))


@pytest.mark.clause("P2", "A1")
def test_a_higher_line_takes_more_in_and_a_lower_one_lets_go(near):
    higher = trial(machine(), monitoring_line_yuan=9_500.0)
    assert (higher.households, higher.enters, higher.leaves) == (20, {"marginal": 1, "unstable": 1}, {})
    assert higher.moves == {"hardship>marginal": 1}
    assert [(each.name, each.enters, each.leaves) for each in higher.townships] == [("万埠镇", 2, 0)]
    assert (higher.before["marginal"], higher.after["marginal"]) == (1, 3)
    lower = trial(machine(), monitoring_line_yuan=50.0)
    assert (lower.enters, lower.leaves) == ({}, {"marginal": 1})
    assert sum(lower.before.values()) == sum(lower.after.values()) == 20


def test_only_ones_own_households_are_counted(near, people):
    mine = trial(people["township_officer_b"], monitoring_line_yuan=9_500.0)
    assert (mine.households, mine.enters, mine.townships) == (10, {}, [])
    assert trial(people["township_officer_a"], monitoring_line_yuan=9_500.0).enters == {"marginal": 1, "unstable": 1}


def test_a_county_without_households_is_counted_as_none(county):
    assert trial(machine(), monitoring_line_yuan=1.0).before == {}


def test_another_days_policy_is_held_against_todays(near):
    found_ = compare(machine(), tables.on(policy.on(date(2023, 6, 18))), tables.on(policy.on(TODAY)))
    assert found_.households == 20
    assert found_.enters == {}  # in June 2023 nothing of 2026 was known
    found_ = compare(machine(), tables.on(policy.on(TODAY)), tables.on(policy.on(date(2023, 6, 18))))
    assert found_.moves == {}
    assert found_.before == found_.after


@pytest.mark.parametrize(
    "text", ["monitoring_line_yuan", "monitoring_line_yuan=viel", "monitoring_line_yuan=nan", "=5x"]
)
def test_a_figure_that_cannot_be_read_is_refused(text):
    with pytest.raises(BadInput, match="参数=数字"):
        typed([text])


def test_a_parameter_that_there_is_not_is_refused_with_what_is_alike():
    with pytest.raises(NotFound, match="monitoring_line_yuan"):
        supposing(policy.on(TODAY), {"monitoring_line": 9_500.0})
    with pytest.raises(NotFound, match="在 2020-01-01 没有有效的值"):
        supposing(policy.on(date(2020, 1, 1)), {"monitoring_line_yuan": 9_500.0})
    with pytest.raises(BadInput, match="文字"):
        supposing(policy.on(TODAY), {"identification_basis": 1.0})
    with pytest.raises(BadInput, match="不是日期"):
        day_of("18.6.2026")


# --- the commands -------------------------------------------------------------------------------------------------


def test_explain_prints_one_document_or_a_page_for_people(near, capsys):
    code = near.household(3, 5).code
    call_command("policy_explain", code, "--on", "2026-06-18", "--json")
    document = json.loads(capsys.readouterr().out)
    assert (document["household"], document["category"]["code"]) == (code, "marginal")
    call_command("policy_explain", code)
    said = capsys.readouterr().out
    for words in ("边缘易致贫户", "人均收入 < 监测线", "8,500", "未核实", "南康区", "不明", "符合"):
        assert words in said
    call_command("policy_explain", near.household(1, 1).code)
    assert "\t不明\n" in capsys.readouterr().out
    with pytest.raises(NotFound):
        call_command("policy_explain", code, "--by", "township_officer_a")


def test_compare_prints_one_document_or_a_page_for_people(near, capsys):
    call_command("policy_compare", "--on", "2026-06-18", "--set", "monitoring_line_yuan=9500", "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["totals"] == {"enters": 2, "leaves": 0}
    assert document["set"] == {"monitoring_line_yuan": 9500.0}
    assert document["townships"] == [{"code": "360123101000", "name": "万埠镇", "enters": 2, "leaves": 0}]
    call_command("policy_compare", "--set", "monitoring_line_yuan=9500")
    assert "万埠镇\t+2\t-0" in capsys.readouterr().out
    call_command("policy_compare", "--on", "2026-06-18", "--against", "2024-06-18", "--json")
    assert json.loads(capsys.readouterr().out)["against"] == "2024-06-18"
    call_command("policy_compare", "--on", "2025-06-18", "--against", "2026-06-18")
    assert "防止返贫致贫对象" in capsys.readouterr().out
    call_command("policy_compare", "--set", "monitoring_line_yuan=9500", "--by", "village_cadre_b", "--json")
    assert json.loads(capsys.readouterr().out)["households"] == 5
    with pytest.raises(BadInput, match="--against"):
        call_command("policy_compare")


@pytest.mark.clause("P2")
def test_the_rules_of_two_days_stand_side_by_side(db):
    differ = {(each.table, each.key): each for each in changed(date(2023, 6, 18), date(2026, 6, 18))}
    line = differ["", "monitoring_line_yuan"]
    assert (line.before.text, line.after.text) == ("6,000 元/人·年", "8,500 元/人·年")
    assert (line.before.level, line.after.level) == ("cn", "jx")
    name = differ["object_name", "name"]
    assert "防止返贫监测对象" in name.before.text
    assert "防止返贫致贫对象" in name.after.text
    assert not name.after.verified
    assert ("identification", "no_home") not in differ
    assert changed(date(2026, 6, 18), date(2026, 6, 18)) == []


def test_a_row_or_a_figure_that_one_of_the_days_has_not_is_missing_there(db):
    differ = {(each.table, each.key): each for each in changed(date(2021, 6, 18), date(2026, 6, 18))}
    assert differ["identification", "within_error"].before is None
    assert differ["", "line_error_ratio"].before is None
    assert differ["", "line_error_ratio"].after.level == "anyi"


def test_the_columns_are_as_many_as_the_households(near):
    everybody = known(Household.objects.visible_to(machine()), policy.on(TODAY))
    assert {len(each) for each in everybody.columns.values()} == {20}
    assert np.isnan(everybody.columns["income_dropped_ratio"]).sum() == 16
    assert everybody.one(0)["home_grade"] is None
