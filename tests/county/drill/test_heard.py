"""Who truly heard is the world's own affair: no receipt makes it so, and a lost one does not undo it."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from tests.county.drill.conftest import SEED, stage

from anlan.county import clock
from anlan.county.dispatch.models import Message
from anlan.county.drill import heard, network
from anlan.county.drill.players import ladder, watch
from anlan.county.drill.stage import Stage
from anlan.county.drill.worlds import read_world
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household
from anlan.county.sense.actions import open_event
from anlan.county.warn.models import Errand, Target
from anlan.county.warn.models import Warning as TheWarning


@pytest.fixture
def warned(founded):
    """The founded county with an event, and one released warning to every household that the registry knows."""
    open_event(by=machine(), hazard="rainstorm", codes=["360123000000"], level=4, exercise=True)
    at = clock.now()
    founded.warning = TheWarning.objects.create(
        event=founded.event, code="E.general.1", audience="general", level=4, sms="示例", voice="示例",
        drafted_by=machine(), drafted_at=at, green_at=at, released_at=at, state="released",
        expires_at=at + timedelta(days=1),
    )  # fmt: skip
    return founded


def world(ready, text):
    """The same county in another world."""
    ready.world = read_world(text)
    for name in ("network", "arrives", "quiet"):
        ready.__dict__.pop(name, None)
    return ready


def send(ready, kind="sms", **words):
    """A message of this kind to every household with a telephone, handed over now; loudspeakers to every village."""
    known = [index for index in np.flatnonzero(ready.ids > 0).tolist() if ready.households.has_phone[index]]
    places = [village.code for village in ready.villages]
    rows = [(village, village) for village in places] if kind == "loudspeaker" else [
        (places[ready.households.village[index]], ready.phone(index)) for index in known
    ]  # fmt: skip
    base = {"kind": kind, "subject": "示例", "body": "示例", "priority": 0, "created_at": clock.now(), **words}
    made = [
        Message(key=f"E.general.1/{kind}/{number}", address=address, division_id=village, **base)
        for number, (village, address) in enumerate(rows)
    ]
    for message in made:
        message.save()
    return known


def target(ready, households):
    rows = [Target(warning=ready.warning, household_id=pk, tier=2, group="general") for pk in households]
    return Target.objects.bulk_create(rows)


def errand(ready, village, rung=2, after_min=0):
    holder = ready.cadres[village][0]
    at = clock.now() + timedelta(minutes=after_min)
    return Errand.objects.create(
        warning=ready.warning, division_id=village, rung=rung, holder=holder, households=1, at=at
    )


@pytest.mark.clause("W4")
def test_a_message_is_heard_by_who_reads_it_whatever_the_receipts_say(warned):
    known = send(warned, handed_at=clock.now())
    later = clock.now() + timedelta(hours=2)
    said = heard.before(warned, later)
    reading = [i for i in known if warned.luck.reads[i] and warned.households.phone_works[i]]
    assert np.flatnonzero(said["sms"]).tolist() == sorted(reading) != []
    Message.objects.update(delivered_at=clock.now())
    believed = heard.before(warned, later)
    Message.objects.update(delivered_at=None, failed_at=clock.now(), failure="x")
    denied = heard.before(warned, later)
    assert all((said[way] == believed[way]).all() and (said[way] == denied[way]).all() for way in heard.WAYS)
    assert not any(flags.any() for flags in heard.before(warned, clock.now()).values())


@pytest.mark.clause("W4")
@pytest.mark.parametrize("how", ["refused", "swallowed"])
def test_nobody_hears_what_the_carrier_keeps(warned, how):
    world(warned, f"[carriers]\n{how} = 1")
    send(warned, handed_at=clock.now())
    send(warned, "voice", handed_at=clock.now())
    found = heard.before(warned, clock.now() + timedelta(hours=2))
    assert not any(flags.any() for flags in found.values())


def test_what_is_not_handed_over_reaches_nobody_and_a_call_those_who_pick_up(warned):
    send(warned)
    known = send(warned, "voice", handed_at=clock.now())
    found = heard.before(warned, clock.now() + timedelta(seconds=1))
    picking = [i for i in known if warned.network.picks_up[i] and warned.households.phone_works[i]]
    assert not found["sms"].any()
    assert np.flatnonzero(found["voice"]).tolist() == sorted(picking)


def test_a_loudspeaker_is_heard_in_its_village_where_it_sounds(warned):
    send(warned, "loudspeaker", handed_at=clock.now())
    later = clock.now() + timedelta(minutes=1)
    assert (heard.before(warned, later)["loudspeaker"] == warned.luck.hears).all()
    half = world(warned, "[carriers]\nloudspeakers_silent = 0.5")
    found = heard.before(half, later)["loudspeaker"]
    assert (found == (half.luck.hears & half.network.sounds[half.households.village])).all()
    assert 0 < found.sum() < half.luck.hears.sum()
    watch.networks_answer(half)
    played = set(Message.objects.filter(delivered_at__isnull=False).values_list("address", flat=True))
    assert played == {p.code for p, sounds in zip(half.villages, half.network.sounds, strict=True) if sounds}


def village_of(ready, least):
    """A village with so many households of the registry, all at home, that a road leads to."""
    for number, village in enumerate(ready.villages):
        mine = [i for i in np.flatnonzero(ready.households.village == number).tolist() if ready.ids[i]]
        reachable = not ready.cut_off(village.code) and not any(ready.luck.absent[i] for i in mine)
        if len(mine) >= least and reachable and village.code not in ready.quiet:
            return village.code, mine
    raise LookupError("no such village")


@pytest.mark.clause("W4", "H3")
def test_cadres_go_from_door_to_door_as_fast_as_they_can_and_enter_it(warned):
    code, mine = village_of(world(warned, "[cadres]\nvillages_without_signal = 0\ntells_per_hour = 10"), 2)
    households = Household.objects.filter(pk__in=[int(warned.ids[i]) for i in mine])
    target(warned, households.values_list("pk", flat=True))
    errand(warned, code)
    told = list(heard.at_the_door(warned))
    pace = timedelta(minutes=6) / len(warned.cadres[code])
    assert [each.at - clock.now() for each in told] == [pace * (n + 1) for n in range(len(mine))]
    assert [each.household for each in told] == list(households.order_by("code").values_list("pk", flat=True))
    before = clock.now()
    clock.advance(pace * 1.5)
    ladder.cadres_report(warned)
    entered = Target.objects.filter(acknowledged_at__isnull=False)
    assert [(each.household_id, each.acknowledged_how, each.acknowledged_place) for each in entered] == [
        (told[0].household, "cadre", "家中")
    ]
    assert entered.get().acknowledged_at == before + pace
    assert list(heard.at_the_door(warned)) == told  # what was entered does not change who was told, or when
    by_cadre = heard.before(warned, before + pace * 1.2)["cadre"]
    assert np.flatnonzero(by_cadre).tolist() == [warned.index_of[told[0].household]]


@pytest.mark.clause("W4")
def test_a_second_errand_waits_until_the_first_is_done_and_whoever_answered_before_is_not_on_it(warned):
    code, mine = village_of(warned, 2)
    first, second = target(warned, [int(warned.ids[i]) for i in mine[:2]])
    errand(warned, code)
    other = TheWarning.objects.create(
        event=warned.event, code="E.key.1", audience="key", level=4, sms="示例", voice="示例", drafted_by=machine(),
        drafted_at=clock.now(), expires_at=clock.now() + timedelta(days=1),
    )  # fmt: skip
    Target.objects.filter(pk=second.pk).update(
        acknowledged_at=clock.now() - timedelta(minutes=1), acknowledged_how="reply"
    )
    again = Target.objects.create(warning=other, household_id=second.household_id, tier=1, group="elderly")
    Errand.objects.create(
        warning=other, division_id=code, rung=2, holder=warned.cadres[code][0], households=1, at=clock.now()
    )
    told = list(heard.at_the_door(warned))
    assert [each.target for each in told] == [first.pk, again.pk]
    assert told[1].at - told[0].at == told[0].at - clock.now()


def test_whom_no_road_leads_to_and_who_is_away_is_not_told(warned, monkeypatch):
    code, mine = village_of(warned, 2)
    target(warned, [int(warned.ids[i]) for i in mine])
    errand(warned, code)
    errand(warned, warned.villages[-1].code, rung=3)
    away = warned.luck.absent.copy()
    away[mine[0]] = True
    monkeypatch.setitem(warned.__dict__, "luck", SimpleNamespace(absent=away))
    left = list(heard.at_the_door(warned))
    assert [warned.index_of[each.household] for each in left] != []
    assert mine[0] not in {warned.index_of[each.household] for each in left}
    monkeypatch.setattr(Stage, "cut_off", lambda self, village: village == code)
    assert list(heard.at_the_door(warned)) == []


def test_records_from_where_there_is_no_signal_come_late(warned):
    code, mine = village_of(warned, 1)
    target(warned, [int(warned.ids[mine[0]])])
    errand(warned, code)
    warned.__dict__["quiet"] = frozenset({code})
    clock.advance(timedelta(hours=6))
    ladder.cadres_report(warned)
    assert not Target.objects.filter(acknowledged_at__isnull=False).exists()
    ladder.cadres_report(warned, late=True)
    assert Target.objects.get().acknowledged_at < clock.now() - timedelta(hours=5)


@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_a_network_has_the_shares_of_its_world_and_is_the_same_again(share):
    text = "[carriers]\n" + "".join(f"{name} = {share}\n" for name in ("refused", "swallowed", "unreceipted"))
    drawn = network.draw_network(SEED, read_world(text), 20_000, 500)
    for name in ("refused", "swallowed", "unreceipted"):
        assert getattr(drawn, name).mean() == pytest.approx(share, abs=0.02)
    assert drawn.sounds.all()
    again = network.draw_network(SEED, read_world(text), 20_000, 500)
    assert (drawn.swallowed == again.swallowed).all()
    assert 0.6 < drawn.picks_up.mean() < 0.8


@pytest.mark.clause("W4")
def test_in_a_world_with_a_ladder_answers_come_in_before_anybody_climbs_over_them():
    from anlan.county.drill.script import LADDER_MIN, script

    found = [phase.name for phase in script(stage(world="[warning]\nladder = 1"))]
    for minutes in LADDER_MIN:
        part = [found.index(f"{what} 1, {minutes} min") for what in
                ("networks answer", "people answer", "cadres report", "climb", "hand over")]  # fmt: skip
        assert part == sorted(part)
    assert "cadres call 1" not in found
    assert "cadres report late" in found


@pytest.mark.parametrize(("text", "delivered", "failed"), [
    ("", True, True), ("[carriers]\nswallowed = 1", False, False), ("[carriers]\nunreceipted = 1", False, True),
])  # fmt: skip
def test_the_carrier_says_what_it_says(warned, text, delivered, failed):
    send(world(warned, text), handed_at=clock.now())
    send(warned, "voice", handed_at=clock.now())
    watch.networks_answer(warned)
    assert Message.objects.filter(delivered_at__isnull=False).exists() == delivered
    assert Message.objects.filter(failed_at__isnull=False, failure="号码无法接通").exists() == failed
    assert Message.objects.filter(kind="voice", failure="无人接听").exists() == failed
    answered = Message.objects.filter(delivered_at__isnull=False).values_list("kind", "address")
    assert all(warned.arrives[warned.answering(address)] for _kind, address in answered)


@pytest.mark.clause("L1")
def test_what_the_carrier_refuses_is_never_handed_over_and_everything_else_is(warned, monkeypatch):
    world(warned, "[carriers]\nrefused = 0.5")
    known = send(warned)
    send(warned, "loudspeaker")
    monkeypatch.setattr(watch.dispatch, "dispatch_batch", lambda **words: 0)
    watch.hand_over(warned, clock.now())
    refused = Message.objects.filter(failed_at__isnull=False)
    assert {each.failure for each in refused} == {"运营商拒收"}
    assert {warned.answering(each.address) for each in refused} == {i for i in known if warned.network.refused[i]}
    assert not Message.objects.filter(handed_at__isnull=False).exists()
    assert not refused.filter(kind="loudspeaker").exists()


@pytest.mark.clause("W4")
def test_who_picked_up_may_press_a_key_and_who_read_may_reply(warned):
    world(warned, "[carriers]\nunreceipted = 1")
    known = send(warned, handed_at=clock.now())
    texts = {warned.answering(each.address): each for each in Message.objects.filter(kind="sms")}
    send(warned, "voice", handed_at=clock.now())
    calls = {warned.answering(each.address): each for each in Message.objects.filter(kind="voice")}
    rows = [Target(warning=warned.warning, household_id=int(warned.ids[i]), tier=2, group="general", message=texts[i],
                   call=calls[i]) for i in known]  # fmt: skip
    Target.objects.bulk_create(rows)
    clock.advance(timedelta(days=1))
    watch.people_answer(warned)
    told = {each.household_id: each.acknowledged_how for each in Target.objects.exclude(acknowledged_how="")}
    willing = warned.luck.answers & warned.arrives
    for index in known:
        how = "reply" if warned.luck.reads[index] else "key" if warned.network.picks_up[index] else ""
        assert told.get(int(warned.ids[index]), "") == (how if willing[index] else ""), index
    assert set(told.values()) == {"reply", "key"}
