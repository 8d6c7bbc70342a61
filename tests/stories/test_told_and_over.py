"""A slope gives way at night: everybody is told where to go and by which way, is turned to until somebody answers, also
on paper when nothing works, and hears in the end that it is over."""

from datetime import timedelta

import pytest
from tests.county.storm import VILLAGES, make_storm

from anlan.county import clock
from anlan.county.dispatch import handover
from anlan.county.dispatch.actions import deliver, load_reference
from anlan.county.dispatch.models import Message
from anlan.county.ledger.queries import verify
from anlan.county.office.actions import give_duty
from anlan.county.office.models import Division
from anlan.county.registry.models import Household
from anlan.county.registry.shelters.actions import SchoolRecord, ShelterRecord, Way, assign, save_school, save_shelter
from anlan.county.sense.feeds.cap.parse import parse
from anlan.county.sense.models import Alert
from anlan.county.warn import actions, answers, calls, folder, jobs, queries, ticks
from anlan.county.warn.models import Errand, Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.county.warn.reports import report
from anlan.engine.audience import words

A = VILLAGES[0]
OWN, SECOND = "10066660002", "10077770002"


@pytest.fixture
def slope(people, now, settings, tmp_path):
    """A red landslide alert; the first village knows its shelter, has a school and a cadre with a telephone."""
    settings.SPOOL = tmp_path / "spool"
    load_reference()
    storm = make_storm(now)
    storm.event.alert = Alert.objects.create(
        source="t", identifier="t", sender="upstream", sent_at=now, received_at=now, status="Actual",
        msg_type="Alert", hazard="landslide", level=4, verdict="accepted", digest="0" * 64, raw=b"",
    )  # fmt: skip
    storm.event.hazard, storm.event.level, storm.event.title = "landslide", 4, "安义县滑坡红色预警"
    storm.event.save()
    by = people["township_officer_a"]
    hall = save_shelter(record_of=ShelterRecord(A, "示例甲村小学", capacity=100), by=by)
    assign(ways=[Way(A, 0, hall.code, "村东水泥路")], by=by)
    save_school(record_of=SchoolRecord(A, "示例甲村小学", phone="10088880001"), by=by)
    Household.objects.filter(code=f"{A}00002").update(phone=OWN, second_phone=SECOND)
    for username, number in (("village_cadre_a", "10000000003"), ("township_officer_a", "10000000004")):
        people[username].phone = number
        people[username].save()
    give_duty(duty="warn_call", division=A, user=people["village_cadre_a"], since=clock.today())
    return storm


def turn(minutes: float = 0) -> None:
    """Time passes, and the worker has its round."""
    clock.advance(timedelta(minutes=minutes))
    for job in (*jobs.JOBS, lambda: handover.run_once("w")):
        job()


def warning(audience):
    return TheWarning.objects.get(audience=audience, clears=None)


@pytest.mark.clause("W1", "W2", "W3", "W4", "H4", "G1")
def test_within_one_round_those_in_danger_know_where_to_go_by_which_way(slope):
    turn()
    mine = Target.objects.select_related("message").get(warning=warning("danger"), household__code=f"{A}00002")
    assert mine.message.handed_at == clock.now()
    assert "滑坡红色预警" in mine.message.body
    assert "示例甲村小学，走村东水泥路" in mine.message.body
    assert words.units(mine.message.body) <= words.SMS_UNITS
    assert "万埠镇" in warning("key").sms
    assert {each.state for each in TheWarning.objects.all()} == {"released", "held"}
    first = Message.objects.filter(kind="sms", priority=0).count()
    assert first > Message.objects.filter(kind="sms", priority=2).count() == 0  # everybody else: after the veto
    turn(2)
    assert Message.objects.filter(kind="sms", priority=2).exists()


@pytest.mark.clause("H3", "M1", "W2")
def test_by_every_way_and_to_every_department(slope, tmp_path):
    turn()
    turn(2)
    kinds = set(Message.objects.filter(handed_at__isnull=False).values_list("kind", flat=True))
    assert kinds == {"sms", "voice", "loudspeaker", "list"}
    assert {each.address for each in Message.objects.filter(key__contains=".school.")} == {"10088880001"}
    published = folder.publish(tmp_path / "alerts")
    assert len(published) == 3  # households' alerts; those to people at work stand in no feed
    for name in published:
        read = parse((tmp_path / "alerts" / f"{name}.xml").read_bytes())
        assert (read.verdict, read.findings, read.alert.hazard) == ("accepted", (), "landslide")
    assert (tmp_path / "alerts" / "feed.xml").exists()


@pytest.mark.clause("L1", "D6", "W4")
def test_whoever_does_not_answer_is_turned_to_by_name_until_somebody_says_so(slope):
    turn()
    turn(2)
    turn(1)
    called = Message.objects.filter(key__contains=f"/second/{A}00002").get()
    assert called.address == SECOND
    turn(2)
    turn(5)
    turn(5)
    holders = {(each.rung, each.holder.username) for each in Errand.objects.filter(holder__isnull=False)}
    assert {(2, "village_cadre_a"), (3, "village_cadre_a"), (4, "township_officer_a")} <= holders
    assert answers.replied(said=[(SECOND, "2", clock.now())]) == 2
    rest = Target.objects.get(warning=warning("danger"), household__code=f"{A}00002")
    assert (rest.acknowledged_how, rest.safe_at) == ("second", clock.now())


@pytest.mark.clause("W4", "L1", "D6")
def test_when_nothing_works_a_cadre_walks_with_a_list_and_the_ladder_hears_of_it(slope, people):
    turn()
    turn(2)
    village, cadre = Division.objects.get(pk=A), people["village_cadre_a"]
    paper = calls.call_list(warning("cadre"), village, cadre)
    assert [line.refuge.name for line in paper.lines if line.tier == 0] == ["示例甲村小学"] * 2
    at = clock.now()
    clock.advance(timedelta(hours=1))
    done = ticks.Ticks(check=paper.check, told="1-5", safe="1 2", at=at, place="各家门口")
    assert ticks.enter(warning=warning("cadre"), village=village, ticks=done, by=cadre) == 7
    turn()
    assert not Errand.objects.filter(division_id=A).exists()
    assert queries.tally(slope.event)["acknowledged"] == 5
    assert report(warning("danger"))["by_channel"]["cadre"] == 2


@pytest.mark.clause("W2", "H3", "M1")
def test_in_the_morning_everybody_who_was_told_hears_that_it_is_over(slope, people, tmp_path):
    turn()
    turn(2)
    deliver(receipts=[(each.pk, clock.now()) for each in Message.objects.filter(handed_at__isnull=False)])
    clock.advance(timedelta(hours=8))
    for audience in ("danger", "key", "general", "cadre", "school"):
        drafted = actions.all_clear(warning=warning(audience), by=people["duty_officer"])
        approved = actions.approve(warning=drafted, by=people["county_director"])
        actions.release(warning=approved, by=people["duty_officer"])
    turn()
    over = Message.objects.filter(body__contains="解除")
    told = Message.objects.filter(body__contains="红色预警", kind__in=("sms", "loudspeaker")).exclude(
        body__contains="解除"
    )
    assert {(each.kind, each.address) for each in told} <= {(each.kind, each.address) for each in over}
    assert all(each.handed_at for each in over)
    assert report(warning("danger"))["all_clear"]["handed"] > 0
    assert not Target.objects.filter(next_at__isnull=False).exists()
    published = [parse((tmp_path / f"{name}.xml").read_bytes()) for name in folder.publish(tmp_path)]
    assert sum(each.alert.msg_type == "Cancel" for each in published) == 3
    assert verify().verified
