"""The end of a danger: written, approved by another, told to everybody who was told, and nobody called any more."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from anlan.county import clock
from anlan.county.dispatch.models import Message
from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.sense.feeds.cap.parse import parse
from anlan.county.warn import bulletins, climbing, green, jobs, rules
from anlan.county.warn.actions import NotInThisState, SameHand, all_clear, approve, cancel, draft, expire, release
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.county.warn.reports import report
from anlan.engine.audience import words


@pytest.fixture
def out(red, people):
    """Every warning of the red storm released by two people, and everything but the general one's handed over."""
    people["village_cadre_a"].phone = "10000000009"
    people["village_cadre_a"].save()
    found = {each.audience: each for each in draft(event=red.event, by=people["duty_officer"])}
    for each in found.values():
        approve(warning=each, by=people["county_director"])
        release(warning=each, by=people["duty_officer"])
    Message.objects.exclude(key__contains=".general.").update(handed_at=clock.now())
    return {each.audience: each for each in TheWarning.objects.all()}


def over(warning, people):
    """Its all-clear, approved and released."""
    drafted = all_clear(warning=warning, by=people["duty_officer"])
    approve(warning=drafted, by=people["county_director"])
    return release(warning=drafted, by=people["duty_officer"])


@pytest.mark.clause("W2", "W4")
def test_everybody_who_was_told_hears_that_it_is_over_by_the_way_they_heard(out, people):
    told = Message.objects.filter(key__startswith=f"{out['danger'].code}/", kind__in=("sms", "loudspeaker"))
    ways = set(told.values_list("kind", "address", "priority"))
    done = over(out["danger"], people)
    sent = Message.objects.filter(key__startswith=f"{done.code}/")
    assert set(sent.values_list("kind", "address", "priority")) == ways
    assert len(ways) > 4
    assert {each.body for each in sent.filter(kind="sms")} == {done.sms}
    assert {each.body for each in sent.filter(kind="loudspeaker")} == {done.voice}
    assert all(each.exercise and each.not_after == done.expires_at for each in sent)


@pytest.mark.clause("D6", "W4")
def test_the_ladder_ends_and_what_had_not_left_never_does(out, people):
    waiting = Target.objects.filter(warning=out["general"], next_at__isnull=False)
    assert waiting.exists()
    over(out["general"], people)
    assert not waiting.exists()
    mine = Message.objects.filter(key__startswith=f"{out['general'].code}/")
    assert not mine.filter(cancelled_at__isnull=True).exists()
    clock.advance(timedelta(minutes=30))
    climbing.climb()
    assert not Message.objects.filter(key__startswith=f"{out['general'].code}/voice/").exists()
    assert Message.objects.filter(key__contains=f"{out['danger'].code}/voice/").exists()


@pytest.mark.clause("W2")
def test_households_cadres_and_loudspeakers_have_words_of_their_own(out, people):
    household, cadre = over(out["danger"], people), over(out["cadre"], people)
    assert "解除" in household.sms
    assert "找村干部" in household.sms
    assert "回报" in cadre.sms
    assert "乡亲请注意" in household.voice
    assert "村干部请注意" in cadre.voice
    for each in (household, cadre):
        assert words.units(each.sms) <= words.SMS_UNITS
        assert words.unfit(each.sms + each.voice) == ()
    addresses = Message.objects.filter(key__startswith=f"{cadre.code}/").values_list("address", flat=True)
    assert "10000000009" in set(addresses)
    assert not Message.objects.filter(key__startswith=f"{cadre.code}/", kind="list").exists()


@pytest.mark.clause("W2")
def test_never_by_itself_and_never_by_one_pair_of_eyes(out, red, people):
    drafted = all_clear(warning=out["danger"], by=people["duty_officer"])
    assert green.run(event=red.event) == []
    jobs.go_green()
    drafted.refresh_from_db()
    assert (drafted.state, drafted.green_at) == ("draft", None)
    with pytest.raises(NotInThisState):
        release(warning=drafted, by=people["duty_officer"])
    TheWarning.objects.filter(pk=drafted.pk).update(drafted_by=people["county_director"])
    with pytest.raises(SameHand):
        approve(warning=drafted, by=people["county_director"])
    with pytest.raises(NotAllowed):
        all_clear(warning=out["key"], by=people["county_director"])


def test_the_next_approver_is_asked_as_for_any_other(out, people):
    drafted = all_clear(warning=out["danger"], by=people["duty_officer"])
    jobs.ask_next()
    drafted.refresh_from_db()
    assert drafted.asked == people["county_director"]


@pytest.mark.clause("W2")
def test_it_goes_out_as_cap_that_ends_the_chain(out, people, red):
    done = over(out["danger"], people)
    written = bulletins.document(bulletins.latest(done, english=True))
    assert b"<responseType>AllClear</responseType>" in written
    assert b"<urgency>Past</urgency>" in written
    alert = parse(written).alert
    assert (alert.msg_type, alert.references) == ("Cancel", (f"AL360123-{out['danger'].code}",))
    assert alert.identifier == f"AL360123-{done.code}"
    assert alert.description == done.sms
    assert alert.headline.startswith("安义县解除")
    listed = [each.identifier for each, _event in bulletins.public()]
    assert listed.count(alert.identifier) == 1
    with clock.held(clock.now() + timedelta(hours=1)):
        again = {each.audience: each for each in draft(event=red.event, by=people["duty_officer"])}["danger"]
        approve(warning=again, by=people["county_director"])
        fresh = bulletins.latest(release(warning=again, by=people["duty_officer"]))
    assert (fresh.msg_type, fresh.references) == ("Alert", ())


@pytest.mark.clause("W4")
def test_the_report_counts_it_and_the_balance_does_not(out, people, red):
    assert report(out["danger"])["all_clear"] is None
    before = report(out["danger"])["targeted"]
    drafted = all_clear(warning=out["danger"], by=people["duty_officer"])
    assert report(out["danger"])["all_clear"]["state"] == "draft"
    approve(warning=drafted, by=people["county_director"])
    release(warning=drafted, by=people["duty_officer"])
    sent = Message.objects.filter(key__startswith=f"{drafted.code}/")
    sent.filter(kind="sms").update(handed_at=clock.now())
    counted = report(out["danger"])["all_clear"]
    assert (counted["code"], counted["messages"]) == (drafted.code, sent.count())
    assert counted["handed"] == sent.filter(kind="sms").count()
    assert report(out["danger"])["targeted"] == before
    assert report(drafted)["targeted"] == 0


def test_a_cancelled_all_clear_may_be_written_anew_but_one_that_went_out_stays(out, people):
    first = all_clear(warning=out["key"], by=people["duty_officer"])
    with pytest.raises(NotInThisState, match=first.code):
        all_clear(warning=out["key"], by=people["duty_officer_2"])
    cancel(warning=first, reason="还在下", by=people["duty_officer"])
    assert report(out["key"])["all_clear"] is None
    done = over(out["key"], people)
    assert done.code != first.code
    with pytest.raises(NotInThisState, match="已经发出"):
        cancel(warning=done, reason="又下了", by=people["duty_officer"])
    for wrong in (done, out["key"]):
        with pytest.raises(NotInThisState, match="不能解除"):
            all_clear(warning=wrong, by=people["duty_officer"])
    assert TheWarning.objects.get(pk=out["key"].pk).state == "cleared"


def test_after_its_end_a_warning_may_still_be_cleared_but_not_what_nobody_released(out, red, people):
    clock.advance(rules.USUAL_HOURS)
    expire(by=people["anlan"])
    assert over(out["danger"], people).state == "released"
    fresh = {each.audience: each for each in draft(event=red.event, by=people["duty_officer"])}["danger"]
    with pytest.raises(NotInThisState, match="不能解除"):
        all_clear(warning=fresh, by=people["duty_officer"])
    clock.advance(rules.USUAL_HOURS)
    expire(by=people["anlan"])
    with pytest.raises(NotInThisState, match="不能解除"):
        all_clear(warning=fresh, by=people["duty_officer"])


@pytest.mark.parametrize("level", [1, 2])
def test_blue_and_yellow_end_by_themselves(out, people, level):
    TheWarning.objects.filter(pk=out["key"].pk).update(level=level)
    with pytest.raises(NotInThisState, match="到期自行失效"):
        all_clear(warning=out["key"], by=people["duty_officer"])


def test_a_warning_cancelled_meanwhile_is_not_cleared(out, people):
    drafted = approve(warning=all_clear(warning=out["key"], by=people["duty_officer"]), by=people["county_director"])
    cancel(warning=out["key"], reason="误报", by=people["duty_officer"])
    before = Message.objects.count()
    with pytest.raises(NotInThisState, match="已取消"):
        release(warning=drafted, by=people["duty_officer"])
    assert Message.objects.count() == before


def test_each_deed_stands_in_the_ledger(out, people):
    done = over(out["danger"], people)
    verbs = list(Entry.objects.filter(about__contains=done.code).values_list("verb", flat=True))
    assert verbs == ["warn.all_clear", "warn.approve", "warn.release"]
    assert Entry.objects.filter(about=rules.about(out["danger"].code), verb="warn.clear").count() == 1


@pytest.mark.clause("W2")
def test_through_the_screens_and_on_the_household_s_page(out, as_, people):
    from anlan.county.warn import answers

    code = out["danger"].code
    page = as_("duty_officer").get(reverse("warn:warning", args=[code])).content.decode()
    assert "起草解除" in page
    answer = as_("duty_officer").post(reverse("warn:all_clear", args=[code]), follow=True)
    drafted = TheWarning.objects.get(clears=out["danger"])
    assert "解除 · " in answer.content.decode()
    assert "起草解除" not in as_("duty_officer").get(reverse("warn:warning", args=[code])).content.decode()
    as_("county_director").post(reverse("warn:approve", args=[drafted.code]))
    assert as_("auditor").post(reverse("warn:all_clear", args=[code])).status_code == 403
    as_("duty_officer").post(reverse("warn:release", args=[drafted.code]))
    page = as_("duty_officer").get(reverse("warn:warning", args=[code])).content.decode()
    assert "已解除" in page
    assert "一键取消" not in page
    assert "听到过预警的" in as_("duty_officer").get(reverse("warn:warning", args=[drafted.code])).content.decode()
    assert f"解除 · {rules.TITLES['danger']}" in as_("duty_officer").get(reverse("warn:home")).content.decode()
    target = Target.objects.filter(warning=out["danger"]).first()
    assert (
        "已经解除" in as_("duty_officer").get(reverse("warn:answer", args=[answers.token(target.pk)])).content.decode()
    )


def test_the_command_writes_it(out, people, capsys):
    call_command("warn_allclear", out["danger"].code, "--by", "duty_officer", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["state"], said["clears"]) == ("draft", out["danger"].code)
    assert "解除" in said["sms"]
