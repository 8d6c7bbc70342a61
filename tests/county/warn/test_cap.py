"""The county's own alerts: valid CAP 1.2, under its own name, chained, and read back by its own reader."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from lxml import etree

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.office.models import Division
from anlan.county.sense.feeds.cap.parse import parse
from anlan.county.sense.feeds.listing import listed
from anlan.county.sense.models import Alert
from anlan.county.warn import bulletins, jobs, rules
from anlan.county.warn.actions import approve, cancel, draft, release
from anlan.county.warn.bulletins import NotFit, NotReleased
from anlan.county.warn.senders import NotOurs, sender

SQUARE = [[115.5, 28.8], [115.6, 28.8], [115.6, 28.9], [115.5, 28.9], [115.5, 28.8]]
NS = "{urn:oasis:names:tc:emergency:cap:1.2}"


@pytest.fixture
def send(storm, people):
    """Draft, approve and release one audience's warning."""

    def sent(audience="general"):
        drafts = {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}
        approve(warning=drafts[audience], by=people["county_director"])
        return release(warning=drafts[audience], by=people["duty_officer"])

    return sent


@pytest.fixture
def stop(people):
    return lambda warning: cancel(warning=warning, reason="解除", by=people["duty_officer"])


def read(warning, **how):
    """The alert of a warning, as our own reader takes it."""
    return parse(bulletins.document(bulletins.latest(warning, **how)))


@pytest.mark.clause("W2", "W3")
def test_a_released_warning_is_an_alert_our_own_reader_takes_without_a_finding(send, now):
    warning = send()
    parsed = read(warning)
    assert (parsed.verdict, parsed.findings) == ("accepted", ())
    alert = parsed.alert
    assert alert.identifier == f"AL360123-{warning.code}"
    assert (alert.sender, alert.status, alert.msg_type, alert.references) == ("anlan-360123", "Exercise", "Alert", ())
    assert (alert.hazard, alert.level, alert.event) == ("rainstorm", 3, "暴雨")
    assert alert.headline == "安义县防灾提示：暴雨橙色预警"
    assert (alert.description, alert.instruction) == (warning.sms, warning.voice)
    assert (alert.sent, alert.expires) == (now, warning.expires_at)
    assert alert.codes == ["360123000000"]
    assert [area.name for area in alert.areas] == ["安义县"]


def test_it_fits_the_published_schema_too(send, stop, real_data):
    schema = etree.XMLSchema(etree.parse(real_data / "cap/schema/CAP-v1.2-schema.xsd"))
    warning = send()
    schema.assertValid(etree.fromstring(bulletins.document(bulletins.latest(warning, english=True))))
    schema.assertValid(etree.fromstring(bulletins.document(bulletins.latest(stop(warning)))))


def test_in_a_real_county_it_is_meant_and_in_an_exercise_it_is_not(send, storm, county):
    county.synthetic = False
    county.save()
    warning = send()
    assert read(warning).alert.status == "Actual"
    storm.event.exercise = True
    storm.event.save()
    warning.event.refresh_from_db()
    assert read(warning).alert.status == "Exercise"


def test_a_later_warning_to_the_same_people_updates_the_earlier_one(send, now):
    first = send()
    with clock.held(now + timedelta(hours=1)):
        second = send()
        send("key")
    alert = read(second).alert
    assert (alert.msg_type, alert.references) == ("Update", (f"AL360123-{first.code}",))
    assert read(first).alert.msg_type == "Alert"
    document = etree.fromstring(bulletins.document(bulletins.latest(second)))
    assert document.findtext(f"{NS}references") == f"anlan-360123,AL360123-{first.code},2026-06-18T20:00:00+08:00"


def test_a_cancellation_names_what_it_takes_back_and_ends_the_chain(send, stop, now):
    first = send()
    with clock.held(now + timedelta(minutes=5)):
        cancelled = stop(first)
        alert = read(cancelled).alert
        assert (alert.identifier, alert.msg_type) == (f"AL360123-{first.code}-C", "Cancel")
        assert alert.references == (f"AL360123-{first.code}",)
        assert alert.sent == now + timedelta(minutes=5)
        assert first.sms in alert.description
        assert alert.headline.startswith("安义县解除")
    with clock.held(now + timedelta(hours=1)):
        third = send()
    assert (read(third).alert.msg_type, read(third).alert.references) == ("Alert", ())


def test_what_was_cancelled_later_was_still_in_force_then(send, stop, now):
    first = send()
    with clock.held(now + timedelta(hours=1)):
        second = send()
    with clock.held(now + timedelta(hours=2)):
        stop(first)
    assert read(second).alert.references == (f"AL360123-{first.code}",)


def test_a_cancellation_after_the_end_still_expires_after_it_was_sent(send, stop):
    warning = send()
    with clock.held(warning.expires_at + timedelta(hours=1)):
        parsed = read(stop(warning))
    assert parsed.verdict == "accepted"
    assert parsed.alert.expires > parsed.alert.sent


def test_what_nobody_released_is_nobody_s_alert(storm, people):
    drafts = draft(event=storm.event, by=people["duty_officer"])
    with pytest.raises(NotReleased, match="没有发布过"):
        bulletins.latest(drafts[0])
    assert bulletins.identifiers(drafts[0]) == []


def test_the_cadres_alert_is_restricted_and_stands_in_no_feed(send):
    warning = send(rules.CADRE)
    root = etree.fromstring(bulletins.document(bulletins.latest(warning)))
    assert (root.findtext(f"{NS}scope"), root.findtext(f"{NS}restriction")) == ("Restricted", "村干部")
    assert list(bulletins.public()) == []


def test_shapes_of_the_event_are_drawn_sound(send, storm):
    bow = [[115.0, 28.0], [116.0, 29.0], [115.0, 29.0], [116.0, 28.0], [115.0, 28.0]]
    storm.event.polygons = [SQUARE, bow]
    storm.event.save()
    alert = read(send()).alert
    assert len(alert.polygons) == 3  # a bow tie is two triangles
    assert sorted(alert.polygons[0][:-1]) == sorted(SQUARE[:-1])
    assert alert.codes == ["360123000000"]


def test_an_event_that_is_only_drawn_is_named_after_the_county(send, storm):
    storm.event.polygons, storm.event.codes = [SQUARE], []
    storm.event.save()
    (area,) = read(send()).alert.areas
    assert (area.name, area.codes) == ("安义县", ())


def test_a_division_brings_its_outline_simplified(send, storm):
    corners = [[115.5 + 0.1 * (1 + (n % 2) / 1e4) * (n / 999), 28.8] for n in range(1000)]
    outline = {"type": "Polygon", "coordinates": [[*corners, [115.6, 28.9], [115.5, 28.9], corners[0]]]}
    Division.objects.filter(pk="360123101000").update(outline=outline)
    storm.event.codes = ["360123101000", "360123102000", "360121000000"]
    storm.event.save()
    areas = read(send()).alert.areas
    assert [area.name for area in areas] == ["万埠镇", "石鼻镇", "360121000000"]
    assert 4 <= len(areas[0].rings[0]) <= bulletins.CORNERS
    assert [len(area.rings) for area in areas] == [1, 0, 0]


def test_an_event_of_nowhere_is_the_county_s(send, storm):
    storm.event.codes = []
    storm.event.save()
    assert read(send()).alert.codes == ["360123000000"]


@pytest.mark.parametrize(
    ("minutes", "urgency", "kept"), [(-5, "Immediate", False), (30, "Expected", True), (300, "Future", True)]
)
def test_urgency_follows_the_signal_s_beginning_and_is_unknown_without(send, storm, now, minutes, urgency, kept):
    warning = send()
    assert bulletins.latest(warning).urgency == "Unknown"
    onset = now + timedelta(minutes=minutes)
    alert = Alert.objects.create(
        source="test", identifier="x", sender="y", sent_at=now, received_at=now, status="Actual", msg_type="Alert",
        hazard="rainstorm", onset_at=onset, verdict="accepted", digest="0", raw=b"",
    )  # fmt: skip
    storm.event.alert = alert
    storm.event.save()
    warning.event.refresh_from_db()
    told = bulletins.latest(warning)
    assert (told.urgency, told.onset) == (urgency, onset if kept else None)


def test_english_says_what_it_is_about_and_the_first_words_stay_chinese(send):
    warning = send()
    told = bulletins.latest(warning, english=True)
    assert [block.language for block in told.blocks] == ["zh-CN", "en"]
    assert told.blocks[1].texts["headline"] == "安义县 disaster notice: rainstorm, Orange"
    assert read(warning, english=True).alert.headline == told.headline == "安义县防灾提示：暴雨橙色预警"


def test_signs_that_xml_cannot_hold_are_left_out(send):
    warning = send()
    warning.sms = "请\x0b转移\x00<>&"
    assert read(warning).alert.description == "请转移<>&"


def test_what_our_own_reader_would_doubt_is_not_given_out(send):
    told = bulletins.latest(send())
    with pytest.raises(NotFit, match="失效时间不晚于发布时间"):
        bulletins.document(replace(told, expires=told.sent))


@pytest.mark.parametrize(
    "code",
    ["36012341600000", "x-33200000", "安义县气象台", "anyi.Weather.gov", "ANYI_HYDROLOGY", "12379", "36012399999999",
     "two words", "a,b", "a<b", "../x", "x" * 151],
)  # fmt: skip
def test_the_county_never_issues_under_somebody_else_s_code(county, settings, code):
    settings.CAP_SENDER = code
    with pytest.raises(NotOurs, match="ANLAN_CAP_SENDER"):
        sender()


def test_its_own_code_is_what_is_set_or_what_its_division_gives(send, settings):
    assert sender() == "anlan-360123"
    settings.CAP_SENDER = "yjglj@anyi.example"
    assert read(send()).alert.sender == "yjglj@anyi.example"


def test_the_folder_holds_each_public_alert_once_and_a_feed_that_names_them(send, stop, tmp_path, settings, now):
    assert jobs.publish_alerts() == 0
    settings.CAP_FOLDER = str(tmp_path / "cap")
    first = send()
    assert jobs.publish_alerts() == 1
    assert jobs.publish_alerts() == 0
    written = (tmp_path / "cap" / f"AL360123-{first.code}.xml").read_bytes()
    with clock.held(now + timedelta(minutes=5)):
        stop(first)
        assert jobs.publish_alerts() == 1
        feed = listed((tmp_path / "cap/feed.xml").read_bytes())
    assert list(feed.links) == [f"AL360123-{first.code}-C.xml", f"AL360123-{first.code}.xml"]
    assert (tmp_path / "cap" / feed.links[1]).read_bytes() == written
    assert {parse((tmp_path / "cap" / link).read_bytes()).alert.msg_type for link in feed.links} == {"Alert", "Cancel"}
    assert sorted(path.suffix for path in (tmp_path / "cap").iterdir()) == [".xml"] * 3


def test_an_old_warning_leaves_the_feed(send, now):
    send()
    with clock.held(now + bulletins.LISTED + timedelta(days=1)):
        assert list(bulletins.public()) == []
        assert listed(bulletins.feed()).links == ()


def test_the_commands_print_the_alert_and_fill_a_folder(send, tmp_path, capsys):
    warning = send()
    call_command("warn_emit", warning.code, "--cap")
    assert parse(capsys.readouterr().out.encode()).alert.identifier == f"AL360123-{warning.code}"
    call_command("warn_emit", warning.code, "--cap", "--english", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["msg_type"], told["status"], told["references"]) == ("Alert", "Exercise", [])
    assert "<language>en</language>" in told["document"]
    call_command("warn_publish", str(tmp_path), "--json")
    assert json.loads(capsys.readouterr().out)["written"] == [told["identifier"]]
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot write"):
        call_command("warn_publish", str(tmp_path / "file"))


def test_the_feed_and_its_alerts_have_pages_for_those_who_may_read_warnings(send, people, client):
    warning = send()
    page, alert = reverse("warn:feed"), reverse("warn:alert", args=[f"AL360123-{warning.code}"])
    assert client.get(page).status_code == 302
    client.force_login(people["duty_officer"], backend="anlan.county.office.authentication.Passwords")
    answer = client.get(page)
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert list(listed(answer.content).links) == [alert.rsplit("/", 1)[1]]
    answer = client.get(alert)
    assert answer["Content-Type"] == "application/cap+xml"
    assert parse(answer.content).verdict == "accepted"
    assert client.get(reverse("warn:alert", args=["nothing"])).status_code == 404
    client.force_login(people["village_cadre_a"], backend="anlan.county.office.authentication.Passwords")
    assert client.get(page).status_code == 403
