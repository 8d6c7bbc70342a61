"""A run's chances as the doors corrected them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.county.foresee.conftest import A, B, C, family

from anlan.county.errors import NotAllowed, Refused
from anlan.county.foresee import doors
from anlan.county.foresee.actions import foresee, learn
from anlan.county.foresee.models import Impact, Lesson
from anlan.county.foresee.queries import latest
from anlan.county.ledger.models import Entry


@pytest.fixture
def estimated(settle, storm, people):
    """Ninety households in three villages, each of them given a chance of one in ten."""
    homes = settle(*(family(village, serial) for village in (A, B, C) for serial in range(1, 31)))
    event = storm()
    foresee(event=event, by=people["duty_officer"])
    Impact.objects.update(score=0.1)
    return event, homes


def visits(homes, village, found, seen=20, gone=()):
    """The first so many doors of a village, of which so many were found at risk."""
    ids = [homes[f"{village}{serial:05d}"].pk for serial in range(1, seen + 1)]
    told = {key: number < found for number, key in enumerate(ids)}
    unharmed = [key for key in ids if not told[key]]
    return doors.Visits(told, found, unharmed, [*(key for key in ids if told[key]), *gone])


@pytest.mark.clause("D2", "D5", "W1")
def test_where_more_was_found_the_neighbours_come_first(estimated, people):
    event, homes = estimated
    lesson = learn(event=event, visits=visits(homes, A, 12), by=people["duty_officer"])
    assert (lesson.visited, lesson.found) == (20, 12)
    everyone = doors.listed(latest(event))
    told = visits(homes, A, 12)
    first = doors.order(everyone, lesson, told.unharmed)
    waiting = [key for key in first.id.tolist() if key not in told.gone]
    assert {homes[f"{A}{serial:05d}"].pk for serial in range(21, 31)} == set(waiting[:10])
    assert first.chance[0] > 0.1 > first.chance[-1]
    entry = Entry.objects.get(verb="foresee.learn")
    assert json.loads(entry.payload)["visited"] == 20


def test_where_nothing_was_found_nobody_like_them_is_worth_a_visit(estimated, people):
    event, homes = estimated
    before = doors.order(doors.listed(latest(event)), None)
    assert before.chance.tolist() == [0.1] * 90
    told = doors.Visits({each.pk: False for each in list(homes.values())[:80]}, 40, (), ())
    lesson = learn(event=event, visits=told, by=people["duty_officer"])
    assert lesson.waiting == 0
    assert lesson.cut == 1.0
    assert lesson.left == lesson.beyond < 0.05 * 40


def test_before_the_first_door_nobody_is_spared_and_the_most_probable_come_first(estimated, people):
    event, homes = estimated
    Impact.objects.filter(household__division_id=A).update(score=0.4)
    lesson = learn(event=event, visits=doors.Visits({}, 0, (), ()), by=people["duty_officer"])
    assert lesson.cut == 0.0
    assert lesson.first == pytest.approx(0.4)
    told = visits(homes, A, 6)
    later = replace(told, harmed=[key for key, found in told.seen.items() if found], days=30)
    lesson = learn(event=event, visits=later, by=people["duty_officer"])
    assert lesson.first == lesson.cut > 0  # after weeks the list is whole


def test_who_is_gone_is_not_waited_for_and_who_was_judged_unharmed_is_hardly(estimated, people):
    event, homes = estimated
    everybody = [each.pk for each in homes.values()]
    told = visits(homes, A, 4, gone=everybody[20:])
    lesson = learn(event=event, visits=told, by=people["duty_officer"])
    assert lesson.waiting in {0, 16}  # the sixteen unharmed, where a second look is worth it
    chance = doors.listed(latest(event)).chances(lesson, told.unharmed)
    ids = doors.listed(latest(event)).id
    assert chance[np.isin(ids, told.unharmed)].max() < chance[~np.isin(ids, told.unharmed)].min()


def test_one_village_alone_gives_the_same_chances(estimated, people):
    event, homes = estimated
    learn(event=event, visits=visits(homes, A, 12), by=people["duty_officer"])
    run = latest(event)
    whole = doors.order(doors.listed(run), doors.lesson(run))
    alone = doors.order(doors.listed(run, C), doors.lesson(run))
    assert (
        dict(zip(alone.id.tolist(), alone.chance.tolist(), strict=True)).items()
        <= dict(zip(whole.id.tolist(), whole.chance.tolist(), strict=True)).items()
    )
    assert set(alone.village.tolist()) == {C}


def test_second_visits_are_worth_it_only_where_much_speaks_for_them(estimated):
    event, homes = estimated
    order = doors.order(doors.listed(latest(event)), None)
    judged = [homes[f"{A}00001"].pk]
    assert len(order.worth(0.05).id) == 90
    assert len(order.worth(0.2, judged).id) == 1  # a chance of one in ten is much for a second look
    assert doors.order(doors.listed(latest(event)), None, judged).worth(0.2, judged).id.tolist() == judged
    Impact.objects.update(score=0.05)  # of which not two in a thousand are left once somebody judged them unharmed
    assert not len(doors.order(doors.listed(latest(event)), None, judged).worth(0.2, judged).id)


def test_a_lesson_needs_an_estimate_and_the_right_to_make_one(storm, people, settle):
    settle(family())
    event = storm()
    with pytest.raises(Refused, match="还没有研判"):
        learn(event=event, visits=doors.Visits({}, 0, (), ()), by=people["duty_officer"])
    with pytest.raises(NotAllowed):
        learn(event=event, visits=doors.Visits({}, 0, (), ()), by=people["village_cadre_a"])
    assert not Lesson.objects.exists()
    assert doors.lesson(None) is None
