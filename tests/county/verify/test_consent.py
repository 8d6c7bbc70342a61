"""The signed sheet without which nobody looks into a household's data."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.county.cases import lead, visit

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.registry import pictures
from anlan.county.verify.actions import ConsentMissing, match
from anlan.county.verify.consent.actions import RevokedBefore, Sheet, revoke, see, sign
from anlan.county.verify.consent.models import Consent
from anlan.county.verify.consent.rules import PHOTO_BYTES
from anlan.county.verify.models import Finding, Visit

JPEG = b"\xff\xd8\xff\xe0" + bytes(200)


@pytest.fixture
def seen(storm):
    """A lead visited, without a word about a signature."""
    household = storm.household(0, 5)
    (made,) = lead(storm.event, household)
    visit(storm.event, household)
    Visit.objects.update(consent=False)
    return made


def sheet(**words) -> Sheet:
    return Sheet(**({"signer": "示例户05", "relation": "head", "signed_on": clock.today()} | words))


def compare(by) -> int:
    return match(findings=list(Finding.objects.values_list("id", flat=True)), by=by)


@pytest.mark.clause("M1", "M2")
def test_nobody_compares_before_the_sheet_is_signed_and_anybody_may_after(seen, people):
    with pytest.raises(ConsentMissing):
        compare(people["department_clerk"])
    made = sign(lead=seen, sheet=sheet(), by=people["village_cadre_a"])
    assert made.valid_until - made.signed_on == timedelta(days=365)
    assert compare(people["department_clerk"]) == 1
    line = Entry.objects.get(verb="verify.consent")
    assert "示例户" not in line.payload
    assert line.about == f"lead:{seen.event.code}/{seen.household.code}"


def test_a_visits_own_word_still_counts_where_no_sheet_is_recorded(seen, people):
    Visit.objects.update(consent=True)
    assert compare(people["department_clerk"]) == 1


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_a_sheet_that_ended_ends_the_leave_even_where_the_visit_said_signed(seen, people, how):
    Visit.objects.update(consent=True)
    made = sign(lead=seen, sheet=sheet(signed_on=clock.today() - timedelta(days=3)), by=people["village_cadre_a"])
    if how == "expired":
        Consent.objects.update(valid_until=clock.today() - timedelta(days=1))
    else:
        revoke(consent=made, by=people["village_cadre_a"])
    with pytest.raises(ConsentMissing):
        compare(people["department_clerk"])
    sign(lead=seen, sheet=sheet(), by=people["village_cadre_a"])
    assert compare(people["department_clerk"]) == 1


def test_the_last_day_still_counts(seen, people):
    sign(lead=seen, sheet=sheet(), by=people["village_cadre_a"])
    Consent.objects.update(valid_until=clock.today())
    assert compare(people["department_clerk"]) == 1


def test_a_proxy_says_why_and_is_kept_with_the_relation(seen, people):
    with pytest.raises(BadInput, match="原因"):
        sign(lead=seen, sheet=sheet(relation="kin", signer="示例人05"), by=people["village_cadre_a"])
    made = sign(
        lead=seen,
        sheet=sheet(relation="kin", signer="示例人05", why_proxy="户主在外务工"),
        by=people["village_cadre_a"],
    )
    assert (made.relation, made.why_proxy) == ("kin", "户主在外务工")
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.update(why_proxy="")


@pytest.mark.parametrize(
    ("words", "why"),
    [({"signer": "  "}, "姓名"), ({"relation": "friend"}, "关系"), ({"photo": b"GIF89a"}, "JPEG"),
     ({"photo": JPEG + bytes(PHOTO_BYTES)}, "8 MB")],
)  # fmt: skip
def test_a_sheet_that_cannot_be_is_refused_and_nothing_is_kept(seen, people, words, why):
    with pytest.raises(BadInput, match=why):
        sign(lead=seen, sheet=sheet(**words), by=people["village_cadre_a"])
    with pytest.raises(BadInput, match="晚于今天"):
        sign(lead=seen, sheet=sheet(signed_on=clock.today() + timedelta(days=1)), by=people["village_cadre_a"])
    assert not Consent.objects.exists()
    assert not Entry.objects.filter(verb="verify.consent").exists()


def test_only_those_of_the_village_record_and_take_back(seen, people):
    with pytest.raises(NotAllowed):
        sign(lead=seen, sheet=sheet(), by=people["village_cadre_b"])
    made = sign(lead=seen, sheet=sheet(), by=people["village_cadre_a"])
    with pytest.raises(NotAllowed):
        revoke(consent=made, by=people["village_cadre_b"])
    revoke(consent=made, by=people["village_cadre_a"])
    with pytest.raises(RevokedBefore):
        revoke(consent=made, by=people["village_cadre_a"])
    assert Entry.objects.filter(verb="verify.revoke").count() == 1


def test_the_photograph_lies_sealed_and_is_seen_on_record(seen, people):
    made = sign(lead=seen, sheet=sheet(photo=JPEG), by=people["village_cadre_a"])
    assert JPEG[:50] not in pictures.path(made.photo).read_bytes()
    with pytest.raises(NotAllowed):
        see(consent=made, by=people["village_cadre_a"])
    assert see(consent=made, by=people["department_clerk"]) == JPEG
    assert Entry.objects.get(verb="verify.see_sheet").by == "department_clerk"
    pictures.forget(made.photo)
    bare = sign(lead=seen, sheet=sheet(), by=people["village_cadre_a"])
    for each in (made, bare):
        with pytest.raises(NotFound):
            see(consent=each, by=people["department_clerk"])


# --- the screens ------------------------------------------------------------------------------------------
@pytest.mark.clause("M1")
def test_a_sheet_is_recorded_on_its_page_with_a_photograph(seen, as_):
    there = reverse("verify:consents", args=[seen.event.code, seen.household.code])
    client = as_("village_cadre_a")
    assert "还没有登记" in client.get(there).text
    said = {"signer": "示例人05", "relation": "guardian", "why_proxy": "户主年老", "signed_on": str(clock.today()),
            "photo": SimpleUploadedFile("签字.jpg", JPEG, "image/jpeg")}  # fmt: skip
    assert client.post(there, said).status_code == 302
    page = client.get(there).text
    assert all(word in page for word in ("监护人代签", "户主年老", "有效"))
    assert "看签字页" not in page
    made = Consent.objects.get()
    clerk = as_("department_clerk")
    assert "看签字页" in clerk.get(there).text
    shown = clerk.post(reverse("verify:see_sheet", args=[made.pk]))
    assert (shown.content, shown["Content-Type"], shown["Cache-Control"]) == (JPEG, "image/jpeg", "no-store")
    assert "授权书" in clerk.get(reverse("verify:finding", args=[seen.event.code, seen.household.code])).text
    assert as_("village_cadre_a").post(reverse("verify:revoke", args=[made.pk])).status_code == 302
    assert "已撤回" in client.get(there).text
    Consent.objects.update(
        revoked_on=None, valid_until=clock.today() - timedelta(days=1), signed_on=clock.today() - timedelta(days=2)
    )
    assert "已过期" in client.get(there).text


def test_a_form_half_filled_is_shown_again_and_strangers_find_nothing(seen, as_, people):
    there = reverse("verify:consents", args=[seen.event.code, seen.household.code])
    again = as_("village_cadre_a").post(there, {"signer": "", "relation": "head"})
    assert again.status_code == 200
    assert not Consent.objects.exists()
    made = sign(lead=seen, sheet=sheet(photo=JPEG), by=people["village_cadre_a"])
    assert as_("village_cadre_b").get(there).status_code == 404
    assert as_("village_cadre_b").post(reverse("verify:revoke", args=[made.pk])).status_code == 404
    assert as_("township_officer_b").post(reverse("verify:see_sheet", args=[made.pk])).status_code == 404
    assert as_("auditor").get(there).status_code == 403


def test_the_paper_has_who_signed_and_the_list_says_who_did_not(storm, seen, as_, people):
    from anlan.county.decide.actions import open_cases
    from anlan.county.decide.models import Case
    from anlan.county.decide.papers import cases
    from anlan.county.office.queries import machine

    assert "未签" in as_("department_clerk").get(reverse("verify:matching")).text
    sign(lead=seen, sheet=sheet(relation="kin", signer="示例人05", why_proxy="不识字"), by=people["village_cadre_a"])
    assert "未签" not in as_("department_clerk").get(reverse("verify:matching")).text
    compare(people["department_clerk"])
    open_cases(by=machine())
    told = cases.contents(Case.objects.select_related(*cases.RELATED).get(), "application")
    assert (told["signer"], told["signer_relation"], told["by_proxy"]) == ("示例人05", "亲属代签", "不识字")
    assert told["signed_on"] == "2026年6月18日"
