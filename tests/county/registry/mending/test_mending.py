"""Findings become tasks with an owner and a day, once each; what is mended ends by itself, what is right is let be."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from tests.county.registry.conftest import A, C, person
from tests.county.registry.test_quality import good, number

from anlan.county import clock
from anlan.county.account import jobs
from anlan.county.account.queries import late
from anlan.county.desk.frontpage import where
from anlan.county.desk.waiting import waiting
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.registry import actions, quality
from anlan.county.registry.mending import queries
from anlan.county.registry.mending.actions import MustBeMended, Over, accept, judge
from anlan.county.registry.models import Household, Judging, Mending, Person
from anlan.engine import policy
from anlan.engine.quality import RULES

pytestmark = pytest.mark.clause("M1", "L1")


@pytest.fixture
def enrol(people):
    def enrol(*records):
        actions.enrol(records=records, by=people["anlan"], source="test")

    return enrol


@pytest.fixture
def wrong(enrol):
    """Three households: nothing wrong, a telephone that is none (suspicious), people that do not add up (must fix)."""
    enrol(good(serial=1), good(serial=2, phone="12"), good(C, serial=3, place=3, size=4))


def by_machine(people, codes=None):
    return judge(by=people["anlan"], rules=quality.rules_of(), codes=codes)


def standing():
    found = Mending.objects.filter(ended_at__isnull=True).order_by("household__code", "rule")
    return [(each.household.code[-1], each.rule) for each in found.select_related("household")]


def mended(serial):
    return Household.objects.get(code__endswith=f"0000{serial}")


def test_each_finding_is_a_task_once_with_its_day_and_one_line(people, wrong):
    judged = by_machine(people)
    assert standing() == [("2", "phone_shape"), ("3", "size_differs")]
    assert (judged.households, judged.opened, judged.ended, judged.whole) == (3, 2, 0, False)
    days = {each.rule: (each.due_at - each.opened_at).days for each in Mending.objects.all()}
    rules = policy.on(clock.today())
    assert days["size_differs"] == rules.number("mend_must_fix_days")
    assert days["phone_shape"] == rules.number("mend_suspicious_days") > days["size_differs"]
    again = by_machine(people)
    assert (again.opened, again.ended, len(standing())) == (0, 0, 2)
    (line,) = Entry.objects.filter(verb="registry.judge")
    assert json.loads(line.payload)["opened"] == 2
    assert "示例" not in line.payload


def test_a_note_is_told_and_is_no_task(people, enrol):
    enrol(good(income=None))
    assert quality.check(Household.objects.all(), clock.today()).by_rule() == {"income_missing": 1}
    by_machine(people)
    assert standing() == []


def test_it_ends_by_itself_when_the_data_is_mended(people, wrong):
    by_machine(people)
    Household.objects.filter(pk=mended(2).pk).update(phone="13800000002")
    clock.advance(timedelta(days=1))
    judged = by_machine(people)
    assert (judged.opened, judged.ended) == (0, 1)
    assert standing() == [("3", "size_differs")]
    assert Mending.objects.get(rule="phone_shape").ended_at == clock.now()


def test_a_village_has_one_clock_until_the_first_day_that_something_is_due(people, wrong):
    by_machine(people)
    clocks = {each.division_id: each for each in Clock.objects.filter(kind="mending")}
    assert set(clocks) == {A, C}
    assert {each.unit for each in clocks.values()} == {"township"}
    assert clocks[C].due_at == Mending.objects.get(rule="size_differs").due_at
    clock.advance(timedelta(days=11))
    assert [each.division_id for each in late(people["county_director"], clock.now())] == [C]
    Household.objects.filter(pk=mended(3).pk).update(size=1)
    by_machine(people)
    assert Clock.objects.get(kind="mending", division=C).stopped_at == clock.now()
    assert not late(people["county_director"], clock.now()).exists()


def test_a_household_that_moved_takes_its_task_along(people, wrong):
    by_machine(people)
    Household.objects.filter(pk=mended(2).pk).update(division_id=C, code=f"{C}00002")
    by_machine(people)
    assert Clock.objects.get(kind="mending", division=A).stopped_at is not None
    assert Clock.objects.get(kind="mending", division=C).stopped_at is None


def test_what_looks_doubtful_and_is_right_is_let_be_until_it_changes(people, wrong):
    by_machine(people)
    doubtful = Mending.objects.get(rule="phone_shape")
    accept(mending=doubtful, note="村里的短号", by=people["village_cadre_a"])
    assert Clock.objects.get(kind="mending", division=A).stopped_at == clock.now()
    by_machine(people)
    assert list(queries.to_mend(people["village_cadre_a"])) == []
    assert standing()[0] == ("2", "phone_shape")
    line = Entry.objects.get(verb="registry.accept")
    assert "短号" not in line.payload


def able_but_weak(count):
    """A healthy household of so many who are said to have no labour."""
    members = [
        person(id_number=number(20 + each), relation="head" if each == 0 else "other", labour="none")
        for each in range(count)
    ]
    return good(serial=7, people=tuple(members), labourers=0, size=count)


def test_an_acceptance_falls_with_the_number_of_breaches(people, enrol):
    enrol(able_but_weak(2))
    by_machine(people)
    task = Mending.objects.get(rule="able_but_weak")
    assert task.number == 2
    accept(mending=task, note="在外照护", by=people["township_officer_a"])
    Person.objects.filter(household__code__endswith="7").order_by("id").last().delete()
    clock.advance(timedelta(days=40))
    by_machine(people)
    task.refresh_from_db()
    assert (task.number, task.checked_at, task.checked_by, task.note) == (1, None, None, "")
    assert task.due_at > clock.now()
    assert Clock.objects.get(kind="mending", division=A).stopped_at is None


def test_a_number_that_changes_does_not_give_more_time(people, enrol):
    enrol(able_but_weak(2))
    by_machine(people)
    due = Mending.objects.get(rule="able_but_weak").due_at
    Person.objects.filter(household__code__endswith="7").order_by("id").last().delete()
    clock.advance(timedelta(days=3))
    by_machine(people)
    assert Mending.objects.get(rule="able_but_weak").due_at == due


def test_what_must_be_mended_cannot_be_accepted_and_nothing_twice(people, wrong):
    by_machine(people)
    doubtful, must = Mending.objects.get(rule="phone_shape"), Mending.objects.get(rule="size_differs")
    for task, note, by, error in (
        (must, "人在外地", people["township_officer_b"], MustBeMended),
        (doubtful, " ", people["township_officer_a"], BadInput),
        (doubtful, "长" * 301, people["township_officer_a"], BadInput),
        (doubtful, "短号", people["township_officer_b"], NotAllowed),
        (doubtful, "短号", people["auditor"], NotAllowed),
        (Mending(pk=0), "短号", people["township_officer_a"], NotFound),
    ):
        with pytest.raises(error):
            accept(mending=task, note=note, by=by)
    assert not Mending.objects.exclude(note="").exists()
    accept(mending=doubtful, note="短号", by=people["township_officer_a"])
    with pytest.raises(Over):
        accept(mending=doubtful, note="短号", by=people["township_officer_a"])


def test_only_who_may_change_the_register_judges_it(people, wrong):
    for username in ("auditor", "township_officer_a"):  # the one changes nothing, the other sees a part
        with pytest.raises(NotAllowed):
            judge(by=people[username], rules=quality.rules_of())
    assert judge(by=people["administrator"], rules=[]).households == 3
    Judging.objects.all().delete()
    assert not Judging.objects.exists()
    assert not Mending.objects.exists()


def test_rules_that_were_not_asked_end_nothing(people, wrong):
    by_machine(people)
    judge(by=people["anlan"], rules=[RULES["several_heads"]])
    assert len(standing()) == 2


# --- by itself -----------------------------------------------------------------------------------


def test_the_whole_register_is_judged_once_a_day_and_changes_at_once(people, wrong):
    assert jobs.judge_register() == 2
    assert jobs.judge_register() == 0
    assert Judging.objects.count() == 1
    actions.relocate(changes=[(mended(1).pk, 115.6, 28.9)], by=people["anlan"])
    Household.objects.filter(pk=mended(1).pk).update(phone="99")
    Household.objects.filter(pk=mended(2).pk).update(phone="13800000002")  # nothing was written down of this one
    assert jobs.judge_register() == 1
    last = Judging.objects.latest("id")
    assert (last.whole, last.households) == (False, 1)
    assert standing() == [("1", "phone_shape"), ("2", "phone_shape"), ("3", "size_differs")]
    clock.advance(timedelta(days=1))
    assert jobs.judge_register() == 1
    assert Judging.objects.latest("id").whole


def test_the_registers_own_rules_alone_do_not_stand_for_the_days_round(people, wrong):
    by_machine(people)
    assert queries.due_whole()
    jobs.judge_register()
    assert not queries.due_whole()


def test_many_changes_are_judged_as_the_whole(people, wrong, monkeypatch):
    jobs.judge_register()
    monkeypatch.setattr(queries, "MANY", 0)
    actions.relocate(changes=[(mended(1).pk, 115.6, 28.9)], by=people["anlan"])
    jobs.judge_register()
    assert Judging.objects.latest("id").whole


def test_without_a_county_nothing_is_judged(db):
    assert jobs.judge_register() == 0


def test_who_shares_a_number_is_looked_at_again_when_another_changes(people, enrol):
    enrol(good(serial=1), good(serial=2, place=1, phone="13800000009"))
    jobs.judge_register()
    assert standing() == [("1", "id_elsewhere"), ("2", "id_elsewhere")]
    Person.objects.filter(household__code__endswith="2").update(id_number=number(9))
    actions.relocate(changes=[(mended(2).pk, 115.6, 28.9)], by=people["anlan"])
    assert jobs.judge_register() == 2
    assert standing() == []


def test_a_household_that_is_gone_leaves_no_task(people, wrong):
    jobs.judge_register()
    actions.relocate(changes=[(mended(2).pk, 115.6, 28.9)], by=people["anlan"])
    Household.objects.filter(pk=mended(2).pk).update(closed_on=clock.today(), registered=False)
    assert jobs.judge_register() == 1
    assert standing() == [("3", "size_differs")]


# --- on screen and at the command line ------------------------------------------------------------


def test_the_township_sees_its_own_and_finds_it_on_its_first_page(as_, people, wrong):
    by_machine(people)
    page = as_("township_officer_a").get(reverse("registry:mendings"))
    assert "电话号码不像电话" in page.text
    assert "人口数与成员不符" not in page.text
    (tile,) = [each for each in waiting(people["township_officer_a"]) if each.title == "待改的数据"]
    assert (tile.number, tile.url) == (1, reverse("registry:mendings"))
    running = Clock.objects.get(kind="mending", division=A)
    assert where(running, people["township_officer_a"]) == reverse("registry:mendings")


def test_one_rule_alone_and_a_rule_there_is_not(as_, people, wrong):
    by_machine(people)
    client = as_("county_director")
    assert len(client.get(reverse("registry:mendings") + "?rule=size_differs").context["rows"]) == 1
    assert len(client.get(reverse("registry:mendings") + "?rule=nonsense").context["rows"]) == 2


def test_accepting_on_the_page(as_, people, wrong):
    by_machine(people)
    task = Mending.objects.get(rule="phone_shape")
    other = as_("township_officer_b").post(reverse("registry:accept", args=[task.pk]), {"note": "短号"})
    assert other.status_code == 404
    done = as_("village_cadre_a").post(reverse("registry:accept", args=[task.pk]), {"note": "短号"}, follow=True)
    assert "已登记核实情况" in done.text
    assert "没有要改的数据" in done.text


def test_the_number_of_queries_does_not_grow_with_the_list(
    as_, people, enrol, django_assert_max_num_queries
):  # fmt: skip
    enrol(*(good(serial=each, phone=f"{each}") for each in range(1, 9)))
    by_machine(people)
    client = as_("township_officer_a")
    client.get(reverse("registry:mendings"))
    with django_assert_max_num_queries(16):
        assert len(client.get(reverse("registry:mendings")).context["rows"]) == 8


def test_the_command_opens_tasks_for_the_whole_register_alone(people, wrong):
    out = StringIO()
    call_command("registry_check", "--tasks", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["opened"], told["ended"]) == (2, 0)
    with pytest.raises(BadInput):
        call_command("registry_check", "--tasks", "--village", A)
    assert len(standing()) == 2
