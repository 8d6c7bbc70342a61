"""Two people told differently of one household: what stands goes on standing, and the township chooses."""

import re

import pytest
from django.urls import reverse

from anlan.county.discover.models import Lead
from anlan.county.ledger.models import Entry
from anlan.county.verify.actions import AlreadyMatched, LeadOver, match
from anlan.county.verify.field import actions, queries
from anlan.county.verify.field.actions import AlreadySettled
from anlan.county.verify.models import Device, Finding, Submission, Visit

HERE = "36012310120100005"


@pytest.fixture
def two(phone_of, people):
    """Two phones that took the same village along before anybody had been there."""
    return phone_of("village_cadre_a"), phone_of("township_officer_a")


def finding():
    return Finding.objects.get()


def held():
    return Submission.objects.get(state="held")


def choose(take, by, submission=None):
    submission = submission or held()
    return actions.choose(submission=submission, take=take, seen=queries.standing(submission), by=by)


@pytest.fixture
def differing(two):
    """Both changed the loss of the crop; one of them also the water, the other the grade."""
    one, other = two
    mine, theirs = (
        one.record(HERE, loss_crop=100.0, water_safe=False),
        other.record(HERE, loss_crop=900.0, home_grade="C"),
    )
    one.send(mine)
    assert other.send(theirs).json()["held"] is True
    return held()


@pytest.mark.clause("D2", "M3")
def test_what_only_one_changed_is_taken_and_what_both_changed_waits(differing):
    now = finding()
    assert (now.losses_yuan, now.water_safe, now.home_grade) == ({"crop": 100.0}, False, "C")
    assert differing.conflicts == [{"field": "loss_crop", "base": 0.0, "now": 100.0, "sent": 900.0}]
    assert differing.flags == ["no_place", "conflict"]
    assert Visit.objects.count() == 2


def test_the_township_takes_the_other_account(differing, people):
    choose({"loss_crop"}, people["township_officer_a"])
    assert finding().losses_yuan == {"crop": 900.0}
    settled = Submission.objects.get(state="settled")
    assert settled.settled_by == people["township_officer_a"]
    assert '"taken":["loss_crop"]' in Entry.objects.get(verb="verify.choose").payload


def test_the_township_keeps_what_stands(differing, people):
    choose((), people["township_officer_a"])
    assert finding().losses_yuan == {"crop": 100.0}
    assert '"left":["loss_crop"]' in Entry.objects.get(verb="verify.choose").payload


def test_nobody_chooses_twice_or_on_an_old_page(differing, people):
    old = queries.standing(differing)
    Finding.objects.update(losses_yuan={"crop": 1.0})
    with pytest.raises(AlreadySettled):
        actions.choose(submission=differing, take={"loss_crop"}, seen=old, by=people["township_officer_a"])
    assert finding().losses_yuan == {"crop": 1.0}
    choose((), people["township_officer_a"])
    settled = Submission.objects.get(state="settled")
    with pytest.raises(AlreadySettled):
        choose((), people["township_officer_a"], settled)


def test_only_what_differs_can_be_chosen_and_only_by_the_township(differing, people):
    with pytest.raises(actions.BadInput):
        choose({"water_safe"}, people["township_officer_a"])
    with pytest.raises(actions.NotAllowed):
        choose((), people["village_cadre_a"])
    with pytest.raises(actions.NotAllowed):
        choose((), people["township_officer_b"])
    assert held() == differing


def test_what_departments_have_compared_can_be_kept_and_not_changed(differing, people):
    match(findings=[finding().pk], by=people["department_clerk"])
    with pytest.raises(AlreadyMatched, match="再次入户"):
        choose({"loss_crop"}, people["township_officer_a"])
    assert held().state == "held"
    choose((), people["township_officer_a"])
    assert finding().losses_yuan == {"crop": 100.0}


def test_another_field_than_a_loss_is_taken_too(two, people):
    one, other = two
    one.send(one.record(HERE, income_per_head_yuan=5000.0))
    other.send(other.record(HERE, income_per_head_yuan=6000.0, water_safe=False))
    choose({"income_per_head_yuan"}, people["township_officer_a"])
    assert (finding().income_per_head_yuan, finding().water_safe) == (6000.0, False)


# --- the outcome ---------------------------------------------------------------------------------------
def test_who_says_unharmed_of_a_household_found_harmed_is_held(two, people):
    one, other = two
    one.send(one.record(HERE))
    assert other.send(other.record(HERE, "unharmed")).json()["held"] is True
    assert Lead.objects.get().state == "found"
    with pytest.raises(LeadOver):  # a finding closes by its own chain only
        choose({"outcome"}, people["township_officer_a"])
    choose((), people["township_officer_a"])
    assert (Lead.objects.get().state, Visit.objects.count()) == ("found", 1)


def test_who_says_harmed_of_a_household_closed_as_unharmed_is_held_and_can_be_believed(two, people):
    one, other = two
    one.send(one.record(HERE, "unharmed"))
    other.send(other.record(HERE, loss_home=4000.0))
    assert Lead.objects.get().state == "closed"
    choose({"outcome"}, people["township_officer_a"])
    assert Lead.objects.get().state == "found"
    assert finding().losses_yuan == {"home": 4000.0}
    visit = finding().visit
    assert (visit.by, visit.submission.state) == (people["township_officer_a"], "settled")


def test_who_knew_of_the_outcome_may_report_anew(phone_of):
    phone = phone_of("village_cadre_a")
    phone.send(phone.record(HERE, "unharmed"))
    again = phone_of("village_cadre_a")
    assert again.row(HERE)["base"]["outcome"] == "unharmed"
    assert again.send(again.record(HERE)).json()["held"] is False
    assert Lead.objects.get().state == "found"


@pytest.mark.parametrize("outcome", ["absent", "unharmed"])
def test_what_adds_nothing_to_a_known_outcome_is_kept_and_no_visit(two, outcome):
    one, other = two
    one.send(one.record(HERE, "unharmed"))
    answer = other.send(other.record(HERE, outcome)).json()
    assert (answer["held"], answer["flags"]) == (False, ["no_place", "overtaken"])
    assert (Visit.objects.count(), Submission.objects.count()) == (1, 2)


def test_nobody_at_home_where_a_finding_stands_is_kept_and_no_visit(two):
    one, other = two
    one.send(one.record(HERE))
    assert "overtaken" in other.send(other.record(HERE, "absent")).json()["flags"]


# --- phones that were revoked ------------------------------------------------------------------------
@pytest.fixture
def revoked(phone_of, people):
    phone = phone_of("village_cadre_a")
    actions.revoke(device=Device.objects.get(), by=people["township_officer_a"])
    return phone


def test_a_revoked_phones_records_are_held_whole_and_can_be_believed(revoked, people):
    answer = revoked.send(revoked.record(HERE, loss_crop=70.0)).json()
    assert (answer["held"], answer["flags"]) == (True, ["no_place", "revoked"])
    assert not Lead.objects.exists()
    choose({"outcome"}, people["township_officer_a"])
    assert (finding().losses_yuan, finding().visit.by) == ({"crop": 70.0}, people["village_cadre_a"])


def test_a_revoked_phones_record_that_differs_from_what_stands_is_held_again_field_by_field(revoked, people, phone_of):
    record = revoked.record(HERE, loss_crop=70.0)
    other = phone_of("township_officer_a")
    other.send(other.record(HERE, loss_crop=40.0))
    revoked.send(record)
    choose({"outcome"}, people["township_officer_a"])
    again = held()
    assert [each["field"] for each in again.conflicts] == ["loss_crop"]
    assert again.flags == ["no_place", "revoked", "conflict"]
    choose({"loss_crop"}, people["township_officer_a"])
    assert finding().losses_yuan == {"crop": 70.0}


def test_a_revoked_phones_record_can_be_left(revoked, people):
    revoked.send(revoked.record(HERE, "absent"))
    choose((), people["township_officer_a"])
    assert not Lead.objects.exists()
    assert Submission.objects.get().state == "settled"


def test_a_held_record_of_nobody_at_home_keeps_its_place_and_its_date(revoked, people):
    revoked.send(revoked.record(HERE, "absent", place={"lon": 115.6, "lat": 28.9, "accuracy": 5}))
    choose({"outcome"}, people["township_officer_a"])
    assert Visit.objects.get().again_on is not None


# --- the page ------------------------------------------------------------------------------------------
def test_the_page_shows_both_accounts_and_takes_the_choice(differing, as_):
    browser = as_("township_officer_a")
    assert "示例户05" in browser.get(reverse("verify:field_handed_in")).content.decode()
    address = reverse("verify:field_choice", args=[differing.pk])
    page = browser.get(address).content.decode()
    assert "填写前：0" in page
    assert "保留现有：100" in page
    assert "采用这份填报：900" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page).group(1)
    assert browser.post(address, {"take-loss_crop": "sent", "seen": "forged"}).status_code == 409
    answer = browser.post(address, {"take-loss_crop": "sent", "seen": seen}, follow=True)
    assert "没有要处理的填报" in answer.content.decode()
    assert finding().losses_yuan == {"crop": 900.0}
    assert "处理" in browser.get(address).content.decode()
    assert "示例户05" in browser.get(reverse("verify:field_handed_in") + "?state=all").content.decode()


def test_a_cadre_sees_and_does_not_choose_and_a_stranger_sees_nothing(differing, as_):
    address = reverse("verify:field_choice", args=[differing.pk])
    page = as_("village_cadre_a").get(address).content.decode()
    assert "由乡镇选定" in page
    assert "按所选处理" not in page
    assert as_("township_officer_b").get(address).status_code == 404
    assert "示例户" not in as_("township_officer_b").get(reverse("verify:field_handed_in")).content.decode()


def test_every_field_has_a_name_and_every_value_a_word():
    from anlan.county.verify.field.merging import FIELDS

    assert all(queries.title_of(field) for field in ("outcome", *FIELDS))
    said = [("outcome", "harmed"), ("outcome", "absent"), ("outcome", ""), ("water_safe", False), ("water_safe", True),
            ("home_grade", "B"), ("loss_crop", 1234.0)]  # fmt: skip
    assert [queries.word_of(*each) for each in said] == [
        "受灾", "家中无人", "未登记", "有问题", "没有问题", "B", "1,234",
    ]  # fmt: skip
