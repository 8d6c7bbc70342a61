"""The catalogue names every kind of help of the plan, and every figure in it says where it is from."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.translation import override

from anlan.county.assist.queries import proposed
from anlan.county.assist.rules import CATALOGUE, MACHINE, NEEDS, STATES
from anlan.county.decide.rules import AXES
from anlan.county.office.models import Department
from anlan.engine import policy

RULES = policy.on(date(2026, 6, 18))


@pytest.mark.clause("W5", "W6", "G2", "G3", "G4", "H4", "H5", "H6", "O2", "O3", "O4", "M4", "M5")
def test_every_kind_of_help_that_the_plan_names_is_there():
    named = (
        "转移避险 临时安置 新开辟水源 应急调水 管网延伸 拉水送水 建立集中供水 净化消毒 水质检测 因灾倒损房鉴定 "
        "纳入危房改造 倒损房重建 小额信贷优先发放 小额信贷追加 小额信贷展期 小额信贷续贷 农资供应 产销对接 稳岗就业 "
        "技能提升 公益岗位 劳务输出 临时救助 最低生活保障"
    )
    assert set(named.split()) <= {kind.name for kind in CATALOGUE.values()}


@pytest.mark.clause("R1")
def test_every_kind_has_an_owner_and_supporting_departments_that_exist(county):
    keys = set(Department.objects.filter(until__isnull=True).values_list("key", flat=True))
    for kind in CATALOGUE.values():
        assert {kind.owner, *kind.support} <= keys
        assert kind.owner not in kind.support
        assert kind.support


def test_every_kind_has_an_axis_a_term_two_names_and_a_short_key():
    for kind in CATALOGUE.values():
        assert kind.axis in AXES
        assert kind.need in {"", *NEEDS}
        assert kind.length(RULES) > timedelta()
        assert kind.amount_yuan(3, RULES) >= 0
        assert len(kind.key) <= 20
        with override("zh-hans"):
            assert kind.title == kind.name
        with override("en"):
            assert kind.title == kind.name_en != kind.name


def test_figures_of_policy_come_with_their_sources():
    for kind in CATALOGUE.values():
        keys = [key for key in (kind.days_key, kind.yuan_key, kind.yuan_times, kind.limit_key) if key]
        assert [each.key for each in kind.parameters(RULES)] == keys
        assert all(each.source for each in kind.parameters(RULES))


def test_an_amount_a_head_grows_with_the_household_and_one_a_household_does_not():
    food, repair = CATALOGUE["relief_food"], CATALOGUE["house_repair"]
    assert food.amount_yuan(4, RULES) == 4 * food.amount_yuan(1, RULES)
    assert repair.amount_yuan(4, RULES) == repair.amount_yuan(1, RULES)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("hazard", ["rainstorm", "drought", "earthquake", "unheard_of"])
def test_something_is_offered_for_every_broken_axis_after_any_disaster(axis, hazard):
    offered = proposed([axis], hazard)
    assert offered
    assert {CATALOGUE[kind].axis for kind in offered} == {axis}


def test_farm_inputs_are_offered_after_a_storm_and_not_after_an_earthquake():
    assert "farm_inputs" in proposed(["income"], "rainstorm")
    assert "farm_inputs" not in proposed(["income"], "earthquake")
    assert proposed([], "rainstorm") == []


@pytest.mark.clause("G5")
def test_rebuilding_is_scheduled_backwards_from_the_move_in_date():
    start = datetime(2026, 7, 1, tzinfo=UTC)
    kind = CATALOGUE["house_rebuild"]
    schedule = kind.schedule(start, start + timedelta(days=100))
    assert schedule[-1] == ("搬入新居", start + timedelta(days=100))
    moments = [at for _name, at in schedule]
    assert moments == sorted(moments)
    assert moments[0] > start


def test_every_state_has_its_words_and_an_owner():
    assert set(STATES) == set(MACHINE.states)
    assert MACHINE.ends() == {"receipted", "stopped"}
    assert all(state.owner for state in MACHINE.states.values())
