"""The approval page, the live counts, the list of the unreached."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.county import clock
from anlan.county.dispatch import speaking
from anlan.county.dispatch.models import Message
from anlan.county.warn.actions import approve, draft, release
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.county.warn.queries import following


@pytest.fixture
def enter(people, client):
    """A browser in which this person is logged in."""

    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


@pytest.fixture
def general(storm, people):
    """The draft for everybody else."""
    return {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}["general"]


def page(browser, name, *args, **query):
    answer = browser.get(reverse(f"warn:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.clause("W2")
def test_from_draft_to_release_through_the_screens_by_two_people(storm, enter):
    duty = enter("duty_officer")
    assert "起草预警" in page(duty, "home")
    duty.post(reverse("warn:draft", args=[storm.event.code]))
    code = TheWarning.objects.get(audience="general").code
    assert "其余农户" in page(duty, "home")
    assert reverse("warn:approve", args=[code]) not in page(duty, "warning", code)
    director = enter("county_director")
    assert reverse("warn:approve", args=[code]) in page(director, "warning", code)
    director.post(reverse("warn:approve", args=[code]))
    assert reverse("warn:release", args=[code]) not in page(director, "warning", code)
    duty = enter("duty_officer")
    assert reverse("warn:release", args=[code]) in page(duty, "warning", code)
    duty.post(reverse("warn:release", args=[code]))
    shown = page(duty, "warning", code)
    assert "hx-get" in shown
    assert "发到了多少" in shown
    assert Target.objects.count() == 4


def test_the_approver_sees_whom_it_would_reach_and_how_long_the_message_is(general, enter):
    shown = page(enter("county_director"), "warning", general.code)
    assert "4 户" in shown
    assert "万埠镇" in shown
    assert "最多 70 字" in shown
    assert general.sms in shown
    assert "duty_officer" in shown


def test_a_cadres_warning_shows_the_whole_list(general, enter):
    cadre = TheWarning.objects.get(audience="cadre")
    assert "20 户" in page(enter("county_director"), "warning", cadre.code)


def test_a_message_too_long_comes_back_with_the_words_typed(general, enter):
    browser = enter("duty_officer")
    answer = browser.post(reverse("warn:edit", args=[general.code]), {"sms": "雨" * 71, "voice": "话"})
    assert answer.status_code == 422
    assert "雨" * 71 in answer.content.decode()
    browser.post(reverse("warn:edit", args=[general.code]), {"sms": "雨大", "voice": "话"})
    assert "雨大" in page(browser, "warning", general.code)


def test_sending_back_and_cancelling(general, enter):
    director = enter("county_director")
    assert director.post(reverse("warn:send_back", args=[general.code])).status_code == 422
    director.post(reverse("warn:send_back", args=[general.code]), {"reason": "wording"})
    assert "已退回" in page(director, "warning", general.code)
    director.post(reverse("warn:cancel", args=[general.code]), {"reason": "上级解除"})
    assert "上级解除" in page(director, "warning", general.code)
    assert director.post(reverse("warn:approve", args=[general.code])).status_code == 409


def test_after_its_time_the_page_says_so_and_offers_nothing(general, people, enter):
    general.expires_at = clock.now()
    general.save()
    shown = page(enter("county_director"), "warning", general.code)
    assert "已过有效期" in shown
    assert reverse("warn:approve", args=[general.code]) not in shown


def test_the_author_is_told_that_another_must_approve(storm, people, enter):
    (warning, *_rest) = draft(event=storm.event, by=people["duty_officer"])
    warning.drafted_by = people["county_director"]
    warning.save()
    assert "须由另一人批准" in page(enter("county_director"), "warning", warning.code)


@pytest.fixture
def released(general, people):
    """The last draft, out."""
    return release(warning=approve(warning=general, by=people["county_director"]), by=people["duty_officer"])


def test_the_live_part_is_a_small_piece_that_stops_when_it_is_over(released, people, enter):
    browser = enter("duty_officer")
    shown = page(browser, "progress", released.code)
    assert "<html" not in shown
    assert "hx-trigger" in shown
    released.expires_at = clock.now()
    released.save()
    assert "hx-trigger" not in page(browser, "progress", released.code)


@pytest.mark.clause("W4")
def test_the_tally_page_counts_by_group(storm, released, enter):
    shown = page(enter("auditor"), "tally", storm.event.code)
    assert "一般农户" in shown
    assert "没有电话的户也在分母里" in shown
    assert "已送达或叫应（户）" in shown  # who was told in person is counted there, too
    assert "已送达（户）" not in shown


@pytest.mark.clause("W4", "D6")
def test_a_cadre_sees_whom_nobody_reached_and_says_who_was_told(storm, released, enter):
    browser = enter("village_cadre_a")
    shown = page(browser, "unreached")
    assert storm.household(0, 5).head_name in shown
    assert storm.household(2, 5).head_name not in shown
    assert "还没有发出" in shown
    mine, foreign = (Target.objects.get(household=storm.household(v, 5)) for v in (0, 2))
    browser.post(reverse("warn:acknowledge"), {"targets": [mine.pk, foreign.pk, "x"]})
    assert list(Target.objects.filter(acknowledged_how="cadre")) == [mine]
    assert storm.household(0, 5).head_name not in page(browser, "unreached", event=storm.event.code)


def test_an_auditor_reads_the_list_without_boxes(storm, released, enter):
    shown = page(enter("auditor"), "unreached")
    assert 'name="targets"' not in shown
    assert enter("auditor").post(reverse("warn:acknowledge")).status_code == 403


def test_without_an_open_event_there_is_nobody_to_call(people, enter):
    assert "没有要叫应的户" in page(enter("village_cadre_a"), "unreached")
    assert "还没有预警" in page(enter("duty_officer"), "home")


def test_an_unknown_warning_is_not_there(people, enter):
    assert enter("duty_officer").get(reverse("warn:warning", args=["nothing"])).status_code == 404


def test_the_list_of_the_unreached_asks_the_same_number_of_questions_however_long(storm, released, people, enter):
    browser = enter("township_officer_a")
    with CaptureQueriesContext(connection) as short:
        page(browser, "unreached")
    for each in TheWarning.objects.filter(state="draft"):
        release(warning=approve(warning=each, by=people["county_director"]), by=people["duty_officer"])
    with CaptureQueriesContext(connection) as long:
        page(browser, "unreached")
    assert len(long) <= len(short)
    assert Message.objects.count() > 10


def test_absurd_keys_and_an_empty_form_register_nobody_and_say_what_to_do(storm, released, enter):
    for sent in ([], ["9" * 30]):
        answer = enter("village_cadre_a").post(reverse("warn:acknowledge"), {"targets": sent}, follow=True)
        assert answer.status_code == 200
        assert "请先勾选已经通知到的农户" in answer.content.decode()
        assert "已登记" not in answer.content.decode()


def test_the_list_of_the_unreached_names_its_event_and_its_length_and_leads_back(storm, released, enter):
    shown = page(enter("duty_officer"), "unreached")
    assert f'href="{reverse("warn:home")}"' in shown.split("<main")[1]
    assert storm.event.title in shown
    assert f"{Target.objects.count()} 户</span>" in shown
    assert f'href="{reverse("warn:home")}"' not in page(
        enter("village_cadre_a"), "unreached"
    )  # it may not open that one


@pytest.mark.clause("W2")
def test_a_cadres_warning_counts_people_and_lists_not_households(storm, people, enter):
    people["village_cadre_a"].phone = "10000000001"
    people["village_cadre_a"].save()
    drafts = {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}
    assert "村干部要叫应谁" in page(enter("duty_officer"), "warning", drafts["cadre"].code)
    called = release(warning=approve(warning=drafts["cadre"], by=people["county_director"]), by=people["duty_officer"])
    sent = Message.objects.filter(kind="sms")
    assert sent.exists()
    sent.update(handed_at=clock.now())
    shown = page(enter("duty_officer"), "warning", called.code).split("发到了多少")[1]
    assert f"{Message.objects.filter(kind='list').count()} 个村" in shown
    assert f"<dt>已发出</dt><dd>{sent.count()} 人</dd>" in shown
    assert "0 户" not in shown


def test_the_words_of_a_warning_begin_without_an_empty_line(general, enter):
    assert f'<p class="quote">{general.sms}' in page(enter("duty_officer"), "warning", general.code)


@pytest.mark.clause("W2")
def test_from_the_home_page_a_warning_is_approved_and_released_in_three_presses_and_the_next_one_opens(
    storm, people, enter
):
    drafts = draft(event=storm.event, by=people["duty_officer"])
    assert len(drafts) > 1
    for username, name, deed, state in (
        ("county_director", "to_approve", "approve", "approved"), ("duty_officer", "to_release", "release", "released"),
    ):  # fmt: skip
        browser = enter(username)
        tile = reverse(f"warn:{name}")
        assert f'href="{tile}"' in browser.get(reverse("desk:home")).content.decode()
        opened = browser.get(
            tile, follow=True
        )  # the first press; the second does it, a release is confirmed by a third
        for _each in drafts:
            code = opened.context["warning"].code
            button = reverse(f"warn:{deed}", args=[code])
            assert f'action="{button}"' in opened.content.decode()
            opened = browser.post(button, follow=True)
            assert opened.status_code == 200
            assert TheWarning.objects.get(code=code).state == state
        assert browser.get(tile)["Location"] == reverse("warn:home")


def test_nobody_is_led_to_approve_what_they_wrote_or_what_is_past(storm, general, people, enter):
    assert following("draft", people["duty_officer"]) is None
    assert following("draft", people["county_director"]) is not None
    TheWarning.objects.update(expires_at=clock.now())
    assert following("draft", people["county_director"]) is None


@pytest.mark.needs("espeak")
def test_the_words_can_be_heard_before_they_go_out(general, enter, settings, tmp_path):
    settings.SPEECH = tmp_path / "speech"
    browser, warning = enter("duty_officer"), general
    address = reverse("warn:voice", args=[warning.code])
    assert f'href="{address}"' in browser.get(reverse("warn:warning", args=[warning.code])).content.decode()
    answer = browser.get(address)
    assert (answer.status_code, answer["Content-Type"], answer.content[:4]) == (200, "audio/wav", b"RIFF")
    assert answer["Content-Disposition"] == f'attachment; filename="{warning.code}.wav"'
    assert browser.get(reverse("warn:voice", args=["nothing"])).status_code == 404


def test_where_this_machine_cannot_speak_the_page_says_so(general, enter, monkeypatch):
    monkeypatch.setattr(speaking.shutil, "which", lambda program: None)
    browser, warning = enter("duty_officer"), general
    address = reverse("warn:voice", args=[warning.code])
    page = browser.get(reverse("warn:warning", args=[warning.code])).content.decode()
    assert "没有安装 espeak-ng" in page
    assert address not in page
    assert browser.get(address).status_code == 404
