"""The screens of events and alerts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from anlan.county.ledger.models import Entry
from anlan.county.sense import forms
from anlan.county.sense.actions import close_event, open_event, receive_alert
from anlan.county.sense.models import Alert, Event


@pytest.fixture
def alert(people, sample):
    return receive_alert(data=sample(), source="县气象台专线", by=people["anlan"])


@pytest.fixture
def event(people, alert):
    return open_event(alert=alert, by=people["anlan"])


def upload(browser, data, **given):
    file = SimpleUploadedFile("alert.xml", data)
    return browser.post(reverse("sense:receive"), {"file": file, "source": "专线", **given})


def test_the_list_shows_events_and_what_the_duty_officer_may_do(event, enter):
    page = enter("duty_officer").get(reverse("sense:events")).content.decode()
    assert event.title in page
    assert "进行中" in page
    assert reverse("sense:receive") in page
    assert reverse("sense:open") in page
    page = enter("auditor").get(reverse("sense:home")).content.decode()
    assert event.title in page
    assert reverse("sense:receive") not in page


def test_an_empty_county_says_so(enter):
    browser = enter("duty_officer")
    assert "还没有灾害事件" in browser.get(reverse("sense:events")).content.decode()
    assert "还没有收到预警" in browser.get(reverse("sense:alerts")).content.decode()


def test_an_event_s_page_tells_what_where_and_from_which_alert(event, enter, django_assert_max_num_queries):
    browser = enter("duty_officer")
    with django_assert_max_num_queries(15):
        page = browser.get(reverse("sense:event", args=[event.code])).content.decode()
    for text in (event.title, event.code, "暴雨", "安义县", "过去3小时我县部分乡镇降雨量已达100毫米以上", "红色"):
        assert text in page
    assert reverse("foresee:ranked", args=[event.code]) in page
    assert "需复核" not in page


def test_findings_are_shown_for_review_and_the_text_is_escaped(people, sample, enter):
    replace = {"<scope>Public": "<scope>Private", "请立即做好防范。": "&lt;script&gt;alert(1)&lt;/script&gt;"}
    alert = receive_alert(data=sample(replace=replace), source="test", by=people["anlan"])
    event = open_event(alert=alert, by=people["anlan"])
    browser = enter("duty_officer")
    for url in (reverse("sense:event", args=[event.code]), reverse("sense:alert", args=[alert.pk])):
        page = browser.get(url).content.decode()
        assert "需复核" in page
        assert "定向报文没有收件人" in page
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
    assert "需复核" in browser.get(reverse("sense:alerts")).content.decode()


def test_an_event_opened_by_hand_says_that_no_alert_stands_behind_it(people, enter):
    event = open_event(by=people["anlan"], hazard="fire", codes=["360123101"], exercise=True)
    page = enter("duty_officer").get(reverse("sense:event", args=[event.code])).content.decode()
    assert "手工开启" in page
    assert "演练" in page
    assert "万埠镇" in page


@pytest.mark.clause("W2")
def test_an_alert_is_uploaded_looked_at_and_made_an_event(sample, enter):
    browser = enter("duty_officer")
    answer = upload(browser, sample())
    alert = Alert.objects.get()
    assert answer.url == reverse("sense:alert", args=[alert.pk])
    page = browser.get(answer.url).content.decode()
    assert "开启事件" in page
    assert "县气象台" in page
    opened = browser.post(reverse("sense:open_from", args=[alert.pk]))
    assert opened.url == reverse("sense:event", args=[Event.objects.get().code])
    assert "查看事件" in browser.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("replace", "said"), [({"</alert>": ""}, "不是完整的 XML"), ({"<scope>Public": "<scope>Private"}, "请人工核对")]
)
def test_a_refused_upload_says_why_beside_the_form(sample, enter, replace, said):
    browser = enter("duty_officer")
    answer = upload(browser, sample(replace=replace))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Alert.objects.exists()


def test_a_checked_source_may_have_findings(sample, enter):
    answer = upload(enter("duty_officer"), sample(replace={"<scope>Public": "<scope>Private"}), trusted="on")
    assert answer.status_code == 302
    assert Alert.objects.get().verdict == "flagged"


def test_a_file_too_large_is_not_read(sample, enter, monkeypatch):
    monkeypatch.setattr(forms, "LARGEST_BYTES", 10)
    answer = upload(enter("duty_officer"), sample())
    assert answer.status_code == 422
    assert "4 MB" in answer.content.decode()


def test_an_alert_about_another_county_opens_nothing_by_itself(people, sample, enter):
    far = receive_alert(data=sample(replace={"360123000000": "370614000000"}), source="test", by=people["anlan"])
    page = enter("duty_officer").get(reverse("sense:alert", args=[far.pk])).content.decode()
    assert "不在本县" in page
    assert reverse("sense:open_from", args=[far.pk]) not in page


def test_an_event_is_opened_by_hand_and_ended(enter):
    browser = enter("duty_officer")
    page = browser.get(reverse("sense:open")).content.decode()
    assert "石鼻镇" in page
    given = {"hazard": "drought", "title": "秋旱", "level": "3", "codes": ["360123101000", "360123102000"]}
    answer = browser.post(reverse("sense:open"), given)
    event = Event.objects.get()
    assert (event.hazard, event.level, event.codes) == ("drought", 3, ["360123101000", "360123102000"])
    assert answer.url == reverse("sense:event", args=[event.code])
    browser.post(reverse("sense:close", args=[event.code]), {"reason": "下雨了"})
    event.refresh_from_db()
    assert event.closed_at is not None
    assert "下雨了" in Entry.objects.latest("seq").payload
    assert "已结束" in browser.get(answer.url).content.decode()


def test_a_form_with_nothing_in_it_says_what_is_missing(enter):
    answer = enter("duty_officer").post(reverse("sense:open"), {})
    assert answer.status_code == 422
    assert not Event.objects.exists()


def test_ending_what_is_over_is_refused_in_words(event, people, enter):
    close_event(event=event, by=people["anlan"])
    answer = enter("duty_officer").post(reverse("sense:close", args=[event.code]), {"reason": "x"})
    assert answer.status_code == 409
    assert "已经结束" in answer.content.decode()


@pytest.mark.parametrize("name", ["receive", "open"])
def test_the_forms_are_the_duty_desk_s(enter, name):
    assert enter("village_cadre_a").get(reverse(f"sense:{name}")).status_code == 403


def test_what_does_not_exist_is_not_found(enter):
    browser = enter("duty_officer")
    assert browser.get(reverse("sense:event", args=["EV0"])).status_code == 404
    assert browser.get(reverse("sense:alert", args=[99])).status_code == 404
    assert browser.post(reverse("sense:open_from", args=[99])).status_code == 404


def test_hazards_are_named_in_the_reader_s_language(people, enter):
    from django.utils.translation import override

    with override("en"):
        assert forms.hazard_name("rainstorm") == "rainstorm"
    with override("zh-hans"):
        assert forms.hazard_name("rainstorm") == "暴雨"
        assert forms.hazard_name("of another day") == "of another day"


def test_the_newest_alert_of_an_event_stands_on_top(event, people, sample, enter):
    for name in ("rainstorm_update", "convection_polygon"):
        receive_alert(data=sample(name), source="test", by=people["anlan"])
    shown = enter("duty_officer").get(reverse("sense:event", args=[event.code])).context["alerts"]
    sent = [alert.sent_at for alert, _findings in shown]
    assert len(sent) == 2
    assert sent == sorted(sent, reverse=True)


def test_an_alert_s_page_shows_which_townships_its_words_name_and_what_is_noted(people, sample, enter):
    from anlan.county.office.models import Division

    name = Division.objects.get(pk="360123101000").name
    replace = {"过去3小时我县部分乡镇": f"除{name}以外，{name}", "<status>Actual": "<status>Exercise"}
    alert = receive_alert(data=sample(replace=replace), source="test", by=people["anlan"])
    page = enter("duty_officer").get(reverse("sense:alert", args=[alert.pk])).content.decode()
    assert page.count(f"<mark>{name}</mark>") == 2
    assert page.count("除外") == 1
    assert "演练报文，只用于演练" in page
