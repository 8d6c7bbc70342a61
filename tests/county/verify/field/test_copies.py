"""A record as a line of text: read in whole or not at all, and once however it comes."""

import base64
import json

import pytest
from django.urls import reverse

from anlan.county.verify.field.copies import check
from anlan.county.verify.field.merging import FIELDS
from anlan.county.verify.models import Submission, Visit

HERE = "36012310120100005"
ADDRESS = reverse("verify:field_typed")


def copied(record, fields=None, parts=12):
    """As `static/field/copy.js` writes it, or wrote it when there were fewer fields and parts."""
    named = [record["finding"], record["base"]]
    finding, base = ([each[name] for name in FIELDS[:fields]] if each else None for each in named)
    names = ("uuid", "event", "household", "at", "outcome", "consent", "again_on", "kinds")
    values = [*(record[name] for name in names), finding, [record["base"]["outcome"], base], record["note"], ""]
    body = base64.urlsafe_b64encode(json.dumps(values[:parts], ensure_ascii=False).encode()).decode().rstrip("=")
    return f"AL1 {body} {check(body)}"


def type_in(browser, text):
    return browser.post(ADDRESS, {"text": text}, follow=True)


@pytest.mark.parametrize("outcome", ["harmed", "unharmed", "absent"])
def test_it_says_what_the_record_says(phone_of, as_, people, outcome):
    record = phone_of("village_cadre_a").record(HERE, outcome, note="水退了")
    text = copied(record)
    answer = type_in(as_("township_officer_a"), f"{text[:40]}\n{text[40:90]} {text[90:]}")
    assert "已登记，回执" in answer.content.decode()
    submission = Submission.objects.get()
    assert (submission.uuid, submission.flags, submission.by) == (
        record["uuid"], ["typed", "no_place"], people["township_officer_a"],
    )  # fmt: skip
    visit = Visit.objects.get()
    assert (visit.outcome, visit.note) == (outcome, "水退了")


@pytest.mark.parametrize("typed_first", [True, False])
def test_the_copy_and_the_record_are_one(phone_of, as_, typed_first):
    phone = phone_of("village_cadre_a")
    record = phone.record(HERE)
    for typed in (typed_first, not typed_first):
        answer = type_in(as_("township_officer_a"), copied(record)) if typed else phone.send(record)
        assert answer.status_code == 200
    assert (Submission.objects.count(), Visit.objects.count()) == (1, 1)


def spoiled():
    body = base64.urlsafe_b64encode(b"[1, 2]").decode().rstrip("=")
    nothing = base64.urlsafe_b64encode(json.dumps([1] * 11).encode()).decode().rstrip("=")
    return ["AL1", "AL2 x 1", "AL1 abc 1", "AL1 abc x", f"AL1 {body} {check(body)}", f"AL1 {nothing} {check(nothing)}",
            f"AL1 汉字 {check('汉字')}"]  # fmt: skip


@pytest.mark.parametrize("text", spoiled())
def test_a_slip_is_told_and_nothing_is_read_in(as_, storm, text):
    answer = type_in(as_("township_officer_a"), text)
    assert (answer.status_code, "抄错" in answer.content.decode()) == (422, True)
    assert not Submission.objects.exists()


def test_one_wrong_letter_is_a_slip(phone_of, as_):
    text = copied(phone_of("village_cadre_a").record(HERE))
    wrong = text[:50] + ("A" if text[50] != "A" else "B") + text[51:]
    assert type_in(as_("township_officer_a"), wrong).status_code == 422


def test_an_empty_form_says_so(as_):
    assert as_("township_officer_a").post(ADDRESS, {"text": ""}).status_code == 200
    assert as_("township_officer_a").get(ADDRESS).status_code == 200
