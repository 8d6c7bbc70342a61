"""Departments determine other disasters together."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.county.cases import cases, found, move, walk

from anlan.county import clock
from anlan.county.decide.actions import Undetermined
from anlan.county.decide.models import Episode
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Clock, Department
from anlan.county.office.queries import breached
from anlan.county.sense.models import Event
from anlan.county.verify.joint import queries
from anlan.county.verify.joint.actions import (
    CalledBefore,
    Concluded,
    NotForDepartments,
    OpinionsMissing,
    call,
    conclude,
    opine,
)
from anlan.county.verify.joint.models import Determination, Opinion

CALLED = ["emergency", "agriculture_rural"]
STRUCK = ["360123101000"]


@pytest.fixture
def pest(storm):
    """The storm's event, but what came over the fields is of another kind."""
    Event.objects.filter(pk=storm.event.pk).update(hazard="pest", title="示例虫害")
    storm.event.refresh_from_db()
    return storm.event


@pytest.fixture
def called(pest, people):
    return call(event=pest, departments=CALLED, by=people["county_director"])


def say(determination, people, key, natural=True, said="现场查看属实"):
    opine(determination=determination, department=Department.objects.get(pk=key), natural=natural, said=said,
          by=people["department_clerk"])  # fmt: skip


def determine(determination, people, natural=True, codes=STRUCK):
    for key in CALLED:
        say(determination, people, key, natural)
    conclude(determination=determination, natural=natural, codes=codes, minutes="两部门到场，意见一致。",
             by=people["county_director"])  # fmt: skip


def until_entry(*which):
    walk(*which, until="notice")
    clock.advance(timedelta(hours=1))


@pytest.mark.clause("O1", "M3")
def test_a_story_nobody_enters_before_departments_have_determined_and_help_goes_on(storm, pest, people, as_):
    from anlan.county.assist.actions import Plan, plan

    here, there = found(pest, storm.household(0, 5), storm.household(2, 5))
    until_entry(here, there)
    with pytest.raises(Undetermined, match="部门联动认定"):
        move("entered", here)
    assert cases(pest, here.household)[0].state == "notice"
    page = as_("county_director").get(reverse("decide:case", args=[pest.code, here.household.code])).text
    assert reverse("verify:joint", args=[pest.code]) in page
    assert plan(plans=[Plan(pest.pk, here.household_id, "temporary_aid")], by=people["department_clerk"])
    determination = call(event=pest, departments=CALLED, by=people["county_director"])
    with pytest.raises(Undetermined):
        move("entered", here)
    determine(determination, people)
    with pytest.raises(Undetermined, match="范围"):
        move("entered", here, there)
    assert not Episode.objects.exists()
    move("entered", here)
    assert Episode.objects.get().household == here.household
    verbs = list(
        Entry.objects.filter(about__startswith="determination:").order_by("seq").values_list("verb", flat=True)
    )
    assert verbs == ["verify.call", "verify.opine", "verify.opine", "verify.conclude"]
    assert "到场" not in Entry.objects.get(verb="verify.conclude").payload


@pytest.mark.clause("O1")
def test_what_nature_did_not_do_is_no_ground_to_enter(storm, pest, called, people):
    (case,) = found(pest, storm.household(0, 5))
    until_entry(case)
    determine(called, people, natural=False, codes=[])
    with pytest.raises(Undetermined, match="不属自然灾害"):
        move("entered", case)


def test_a_storm_needs_no_determination(storm, people):
    (case,) = found(storm.event, storm.household(0, 5))
    walk(case)
    assert Episode.objects.count() == 1
    assert queries.outside(storm.event, ["360123102201"]) == []
    with pytest.raises(NotForDepartments):
        call(event=storm.event, departments=CALLED, by=people["county_director"])


@pytest.mark.clause("O1", "D6", "R1")
def test_every_department_has_a_clock_of_its_own_and_the_late_one_is_named(called, pest, people):
    clocks = Clock.objects.filter(kind="opinion")
    assert {each.unit for each in clocks} == set(CALLED)
    clock.advance(timedelta(days=1))
    say(called, people, "emergency")
    clock.advance(timedelta(days=3))
    late = Clock.objects.filter(breached(clock.now()), kind="opinion")
    assert [each.about for each in late] == [f"determination:{pest.code}/agriculture_rural"]


def test_departments_are_called_once_and_two_at_least(pest, called, people):
    with pytest.raises(CalledBefore):
        call(event=pest, departments=CALLED, by=people["county_director"])
    Opinion.objects.all().delete()
    Determination.objects.all().delete()
    for wrong in ([], ["emergency"], ["emergency", "no-such"], ["emergency", "rural_revitalisation"]):
        with pytest.raises(BadInput):
            call(event=pest, departments=wrong, by=people["county_director"])
    with pytest.raises(NotAllowed):
        call(event=pest, departments=CALLED, by=people["department_clerk"])
    assert not Determination.objects.exists()


def test_a_department_speaks_for_itself_alone(called, people):
    appoint(username="emergency_clerk", name="甲", role="department_clerk", division="360123000000",
            since=clock.today(), department="emergency")  # fmt: skip
    from anlan.county.office.models import User

    own = User.objects.get(username="emergency_clerk")
    with pytest.raises(NotAllowed, match="不代表"):
        opine(determination=called, department=Department.objects.get(pk="agriculture_rural"), natural=True, said="是",
              by=own)  # fmt: skip
    opine(determination=called, department=Department.objects.get(pk="emergency"), natural=True, said="是", by=own)
    assert Opinion.objects.get(by=own).natural is True
    with pytest.raises(NotFound):
        say(called, people, "water")
    with pytest.raises(NotAllowed):
        opine(determination=called, department=Department.objects.get(pk="emergency"), natural=True, said="是",
              by=people["county_director"])  # fmt: skip
    for wrong in (" ", "字" * 301):
        with pytest.raises(BadInput):
            say(called, people, "emergency", said=wrong)


def test_nothing_is_concluded_before_all_have_spoken_or_twice_or_without_minutes(called, people):
    by = people["county_director"]
    say(called, people, "emergency")
    with pytest.raises(OpinionsMissing, match="1 个部门"):
        conclude(determination=called, natural=True, codes=STRUCK, minutes="纪要", by=by)
    say(called, people, "agriculture_rural", natural=False)
    for codes, minutes in (([], "纪要"), (["999"], "纪要"), (STRUCK, " ")):
        with pytest.raises(BadInput):
            conclude(determination=called, natural=True, codes=codes, minutes=minutes, by=by)
    with pytest.raises(NotAllowed):
        conclude(determination=called, natural=True, codes=STRUCK, minutes="纪要", by=people["department_clerk"])
    conclude(determination=called, natural=True, codes=STRUCK, minutes="纪要", by=by)
    assert '"against":1' in Entry.objects.get(verb="verify.conclude").payload.replace(" ", "")
    with pytest.raises(Concluded):
        conclude(determination=called, natural=False, codes=[], minutes="纪要", by=by)
    with pytest.raises(Concluded):
        say(called, people, "emergency")


# --- the screens ------------------------------------------------------------------------------------------
@pytest.mark.clause("O1")
def test_the_determination_is_made_on_its_page(pest, as_):
    there = reverse("verify:joint", args=[pest.code])
    director = as_("county_director")
    assert "尚未认定" in director.get(reverse("verify:joints")).text
    assert "召集部门" in director.get(there).text
    assert director.post(reverse("verify:call", args=[pest.code]), {"departments": CALLED}).status_code == 302
    clerk = as_("department_clerk")
    assert "填写本部门意见" in clerk.get(there).text
    for key in CALLED:
        posted = clerk.post(
            reverse("verify:opine", args=[pest.code]), {"department": key, "natural": "1", "said": "属实"}
        )
        assert posted.status_code == 302
    director = as_("county_director")
    assert "形成结论" in director.get(there).text
    said = {"natural": "1", "codes": STRUCK, "minutes": "六月十八日，两部门一致认定。"}
    assert director.post(reverse("verify:conclude", args=[pest.code]), said).status_code == 302
    page = director.get(there).text
    assert "属自然灾害" in page
    assert "六月十八日" in page
    assert "形成结论" not in page
    assert "属自然灾害" in director.get(reverse("verify:joints")).text


def test_a_form_half_filled_is_refused_and_a_storm_says_it_needs_none(storm, called, pest, as_):
    assert as_("department_clerk").post(reverse("verify:opine", args=[pest.code]), {}).status_code == 422
    assert as_("county_director").post(reverse("verify:conclude", args=[pest.code]), {}).status_code == 422
    assert as_("village_cadre_a").get(reverse("verify:joint", args=[pest.code])).status_code == 403
    Event.objects.filter(pk=pest.pk).update(hazard="rainstorm")
    assert "不需要部门联动" in as_("county_director").get(reverse("verify:joint", args=[pest.code])).text
    assert "没有需要" in as_("county_director").get(reverse("verify:joints")).text
