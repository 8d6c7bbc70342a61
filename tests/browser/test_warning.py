"""The duty officer at three in the morning: a red warning out in three presses, and back in one."""

import time
from typing import Any

import pytest
from django.urls import reverse
from tests.browser.conftest import DESKTOP, PHONE

from anlan.county.dispatch.models import Message
from anlan.county.foresee.actions import foresee
from anlan.county.warn import answers
from anlan.county.warn.actions import approve, draft
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]
WIDTHS = (DESKTOP, PHONE)


@pytest.fixture
def approved(storm: Any, people: Any) -> TheWarning:
    """A red warning that a second person has approved, the only one that waits."""
    storm.event.level = 4
    storm.event.save()
    foresee(event=storm.event, by=people["anlan"])
    first, *others = draft(event=storm.event, by=people["duty_officer"])
    Target.objects.filter(warning__in=others).delete()
    TheWarning.objects.filter(pk__in=[each.pk for each in others]).delete()
    return approve(warning=first, by=people["county_director"])


@pytest.mark.clause("W2", "W4")
@pytest.mark.parametrize("width", WIDTHS)
def test_a_red_warning_is_out_in_three_presses_within_half_a_minute_and_back_in_one(
    visit: Any, approved: TheWarning, width: int
) -> None:
    visitor, presses = visit(width), []
    visitor.enter("duty_officer")
    page = visitor.open(reverse("desk:home"))
    page.on("dialog", lambda dialog: (presses.append("confirmed"), dialog.accept()))
    begun = time.monotonic()
    page.locator(f'main a[href="{reverse("warn:to_release")}"]').first.click()
    page.wait_for_url(f"**{reverse('warn:warning', args=[approved.code])}")
    presses.append("opened")
    assert visitor.overflow() == 0
    visitor.keep("warning-to-release")
    page.get_by_role("button", name="发布", exact=True).click()
    presses.append("released")
    page.get_by_role("button", name="一键取消").wait_for()
    assert time.monotonic() - begun < 30
    assert sorted(presses) == ["confirmed", "opened", "released"]
    assert TheWarning.objects.get(pk=approved.pk).state == "released"
    assert visitor.overflow() == 0
    visitor.keep("warning-released")
    page.get_by_role("button", name="一键取消").click()
    page.get_by_text("值班员一键取消").wait_for()
    assert len(presses) == 3  # nothing was asked
    assert TheWarning.objects.get(pk=approved.pk).state == "cancelled"
    assert not Message.objects.filter(key__startswith=f"{approved.code}/", cancelled_at=None, handed_at=None).exists()


@pytest.mark.clause("W4")
@pytest.mark.parametrize("width", WIDTHS)
def test_a_household_answers_with_one_press(visit: Any, approved: TheWarning, people: Any, width: int) -> None:
    from anlan.county.warn.actions import release

    release(warning=approved, by=people["duty_officer"])
    target = Target.objects.filter(warning=approved).first()
    assert target is not None
    visitor = visit(width)
    page = visitor.open(reverse("warn:answer", args=[answers.token(target.pk)]))
    assert visitor.overflow() == 0
    page.get_by_role("button", name="我们已到安全处").click()
    page.get_by_text("已收到您的平安消息").wait_for()
    assert Target.objects.get(pk=target.pk).safe_at is not None


@pytest.mark.parametrize("width", WIDTHS)
def test_the_channels_and_the_report_fit_the_screen(visit: Any, approved: TheWarning, people: Any, width: int) -> None:
    from anlan.county.warn.actions import release

    release(warning=approved, by=people["duty_officer"])
    visitor = visit(width)
    visitor.enter("duty_officer")
    for name, where in (
        ("channels", reverse("warn:channels")),
        ("report", reverse("warn:report", args=[approved.code])),
    ):
        visitor.open(where)
        visitor.keep(f"warning-{name}")
        assert visitor.overflow() == 0
