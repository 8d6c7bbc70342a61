"""Reports without an account: photos, drafts sent again, limits, receipts, and why a lead stands where it stands."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone
from tests.county.cases import cases, compare, visit
from tests.county.registry.test_exif import jpeg

from anlan.county import clock, seal, sealed_files
from anlan.county.decide.actions import Move, advance, open_cases
from anlan.county.discover import origin, photos, queries, rules
from anlan.county.discover.actions import (
    Report,
    TooMany,
    attach,
    dismiss,
    forget_photos,
    report,
    report_self,
    take_in,
)
from anlan.county.discover.jobs import forget_old_photos
from anlan.county.discover.models import Lead, Photo, Source, Submission
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Division, User
from anlan.county.registry.exif import told
from anlan.county.registry.models import Household
from anlan.county.registry.pictures import kind as kind_of
from anlan.county.registry.pictures import place as kept_as
from anlan.county.registry.rotation import forget_old, new_key, seal_anew
from anlan.engine import policy

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100


@pytest.fixture
def enter(people, client):
    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


@pytest.fixture
def address(storm):
    return reverse("discover:report", args=[storm.event.code])


@pytest.fixture(autouse=True)
def pictures(tmp_path):
    with override_settings(PHOTOS=tmp_path / "photos"):
        yield tmp_path / "photos"


def filled(storm, page, **change):
    key = re.search(r'name="key" value="(\w+)"', page.content.decode()).group(1)
    home = storm.household(0, 5)
    given = {"key": key, "village": home.division_id, "head_name": home.head_name, "phone": home.phone, "size": 3,
             "kinds": ["home"], "text": "屋顶掉了"}  # fmt: skip
    return {**given, **change}


def picture(data=JPEG, name="a.jpg"):
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


@pytest.fixture
def source(storm, people):
    reports = [Report("RABCDEF23456", "self", storm.household(0, 5).pk, clock.now(), {"kinds": ["home"]})]
    report(event=storm.event, reports=reports, by=people["anlan"])
    return Source.objects.select_related("lead__event", "lead__household").get()


# --- photos ------------------------------------------------------------------------------------------
@pytest.mark.clause("D1")
def test_a_photo_comes_with_the_report_lies_sealed_and_is_seen_by_who_may_see_the_household(
    storm, address, enter, pictures
):
    Client().post(address, filled(storm, Client().get(address), photo=picture()))
    photo = Photo.objects.get()
    (file,) = pictures.iterdir()
    assert b"picture" not in file.read_bytes()
    shown = enter("township_officer_a").get(reverse("discover:photo", args=[photo.pk]))
    assert (shown.content, shown["Content-Type"], shown["X-Content-Type-Options"]) == (JPEG, "image/jpeg", "nosniff")
    assert enter("township_officer_b").get(reverse("discover:photo", args=[photo.pk])).status_code == 404
    page = reverse("discover:lead", args=[storm.event.code, storm.household(0, 5).code])
    assert reverse("discover:photo", args=[photo.pk]) in enter("township_officer_a").get(page).content.decode()


@pytest.mark.parametrize(
    ("data", "said"), [(b"\xff\xd8\xff" + b"0" * (50 << 20), "最大 10 MB"), (b"%PDF-1.7" * 9, "不是照片")]
)
def test_a_photo_that_cannot_be_kept_is_a_sentence_and_nothing_typed_is_lost(storm, address, client, data, said):
    answer = client.post(address, filled(storm, client.get(address), photo=picture(data)))
    page = answer.content.decode()
    assert said in page
    assert "屋顶掉了" in page
    assert storm.household(0, 5).head_name in page
    assert not Lead.objects.exists()


def test_an_empty_photo_is_none(storm, address, client):
    assert client.post(address, filled(storm, client.get(address), photo=picture(b""))).status_code == 302
    assert not Photo.objects.exists()


@pytest.mark.clause("D1", "M2")
def test_when_and_where_a_photo_was_taken_stands_beside_it_and_is_in_no_copy_of_it(
    storm, source, people, enter, pictures
):
    home = storm.household(0, 5)
    Household.objects.filter(pk=home.pk).update(lon=115.61, lat=28.92)
    photo = attach(source=source, data=[jpeg()[:40], jpeg()[40:]], by=people["anlan"])
    assert (photo.lon, photo.lat, timezone.localtime(photo.taken_at).isoformat()) == (
        115.61, 28.91, "2026-06-18T09:30:05+08:00"
    )  # fmt: skip
    browser = enter("township_officer_a")
    page = browser.get(reverse("discover:lead", args=[storm.event.code, home.code])).content.decode()
    assert "6月18日" in page.split("照片 1")[1][:200]
    assert "离农户位置 1112 米" in page
    seen = browser.get(reverse("discover:photo", args=[photo.pk])).content
    assert told(seen).lon is None
    assert b"2026:06:18" not in seen
    (file,) = pictures.iterdir()
    assert told(b"".join(sealed_files.pieces(file, kept_as(file)))).lon == 115.61  # the evidence itself is kept whole


def keeping(days, monkeypatch):
    """The county has said how long."""
    own = type(policy.on(clock.today()))
    plain = own.number
    monkeypatch.setattr(own, "number", lambda self, key: days if key == "photo_keep_days" else plain(self, key))


@pytest.mark.clause("M2")
def test_photos_of_what_came_to_nothing_go_when_the_county_says_and_never_before(
    storm, source, people, monkeypatch, pictures
):
    other = Report("r2", "self", storm.household(0, 4).pk, clock.now(), {"kinds": ["home"]})
    report(event=storm.event, reports=[other], by=people["anlan"])
    for each in Source.objects.all():
        attach(source=each, data=[JPEG], by=people["anlan"])
    dismiss(lead=source.lead, reason="no_harm", by=people["anlan"])
    clock.advance(timedelta(days=400))
    assert forget_photos(by=people["anlan"]) == 0  # nobody has set a retention
    keeping(500, monkeypatch)
    assert forget_photos(by=people["anlan"]) == 0
    keeping(365, monkeypatch)
    assert (forget_old_photos(), len(list(pictures.iterdir()))) == (1, 1)
    assert Photo.objects.get().source.key == "r2"  # still open
    assert Entry.objects.filter(verb="discover.forget_photos").count() == 1
    with pytest.raises(NotAllowed):
        forget_photos(by=people["auditor"])


def test_the_retention_of_photos_is_the_countys_to_set_and_says_so():
    parameter = policy.on(clock.today()).parameter("photo_keep_days")
    assert (parameter.value, parameter.verified) == (0, False)
    assert "须由县规定" in parameter.source


def test_the_same_photo_again_is_the_one_there_and_leaves_no_second_file(source, people, pictures):
    first = attach(source=source, data=[JPEG], by=people["anlan"])
    before = Entry.objects.count()
    assert attach(source=source, data=[JPEG], by=people["anlan"]) == first
    assert len(list(pictures.iterdir())) == 1
    assert Entry.objects.count() == before


def test_a_photo_of_a_foreign_household_is_refused(source, people, pictures):
    with pytest.raises(NotAllowed):
        attach(source=source, data=[JPEG], by=people["village_cadre_b"])
    assert not pictures.exists()


@pytest.mark.parametrize("pieces", [[b"%PDF"], [JPEG, b"0" * photos.LARGEST_BYTES]])
def test_what_is_no_photo_leaves_nothing_behind(source, people, pictures, pieces):
    with pytest.raises(BadInput):
        attach(source=source, data=pieces, by=people["anlan"])
    assert list(pictures.iterdir()) == []


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"\xff\xd8\xff\xe1", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"RIFF0000WEBP", "webp"),
     (b"\0\0\0\x18ftypheic", "heic"), (b"\0\0\0\x18ftypmp42", ""), (b"RIFF0000WAVE", ""), (b"", "")],
)  # fmt: skip
def test_a_photo_is_known_by_how_it_begins(head, kind):
    assert kind_of(head) == kind


def test_a_new_key_seals_the_photos_anew_before_the_old_one_goes(source, people, tmp_path):
    photo = attach(source=source, data=[JPEG], by=people["anlan"])
    keys = tmp_path / "keys.toml"
    keys.write_bytes(Path(settings.KEYS).read_bytes())
    keys.chmod(0o600)
    with override_settings(KEYS=keys):
        seal.forget()
        new_key("aes")
        assert forget_old(by="anlan") == 0
        assert seal_anew(by="anlan") > 0
        assert forget_old(by="anlan") == 1
        assert photos.shown(photo.file) == JPEG
    seal.forget()


def test_a_cadre_adds_a_photo(storm, enter):
    code = storm.household(0, 4).code
    given = {"household": code, "kinds": ["water"], "photo": picture()}
    enter("village_cadre_a").post(reverse("discover:cadre", args=[storm.event.code]), given)
    assert Photo.objects.get().source.door == "cadre"


# --- sent again --------------------------------------------------------------------------------------
@pytest.mark.clause("D1")
def test_the_same_household_gets_the_same_receipt_in_the_same_browser_and_its_words_are_kept(storm, address, client):
    first = client.post(address, filled(storm, client.get(address)))
    second = client.post(address, filled(storm, client.get(address), text="灶台也塌了"), follow=True)
    assert second.redirect_chain[-1][0] == first.url
    assert "回执号不变" in second.content.decode()
    assert [each.claim["text"] for each in Source.objects.order_by("id")] == ["屋顶掉了", "灶台也塌了"]
    assert Lead.objects.count() == 1


def test_another_browser_gets_its_own_receipt_and_learns_of_no_other(storm, address):
    urls = {Client().post(address, filled(storm, Client().get(address))).url for _each in range(2)}
    assert len(urls) == 2
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("change", [{"text": "改了"}, {"head_name": "示例户04", "phone": "10000000004"}])
def test_a_draft_that_arrived_unnoticed_and_was_changed_is_not_lost(storm, address, change):
    given = filled(storm, Client().get(address))
    first = Client().post(address, given)
    assert Client().post(address, {**given, **change}).url != first.url
    assert Source.objects.count() == 2


# --- limits ------------------------------------------------------------------------------------------
def a_report(storm, people, number, by="anlan", **change):
    home = storm.household(0, 5)
    given = {"event": storm.event, "key": f"R{number:011d}", "village": home.division_id, "head_name": home.head_name,
             "phone": home.phone, "size": 3, "claim": {"kinds": ["home"]}, "by": people[by],
             "origin": "here"}  # fmt: skip
    return report_self(**{**given, **change})


def most(which):
    return int(policy.on(clock.today()).number(f"report_{which}_most"))


def test_one_network_may_send_so_many_and_after_the_window_again(storm, people):
    for number in range(most("origin")):
        a_report(storm, people, number)
    with pytest.raises(TooMany, match="12317"):
        a_report(storm, people, 999)
    assert Source.objects.count() == most("origin")
    a_report(storm, people, 0)  # sent twice is not counted twice
    a_report(storm, people, 1000, origin="elsewhere")
    a_report(storm, people, 1001, by="village_cadre_a", origin=None)
    clock.advance(timedelta(minutes=61))
    a_report(storm, people, 1002)
    assert Submission.objects.count() == 1


def test_one_village_may_be_reported_from_so_often_whatever_the_network(storm, people):
    village, at = storm.household(0, 5).division_id, clock.now()
    Submission.objects.bulk_create(Submission(village_id=village, at=at) for _each in range(most("village")))
    with pytest.raises(TooMany, match="这个村"):
        a_report(storm, people, 1, origin="")
    a_report(storm, people, 2, origin="", village=storm.household(2, 5).division_id)
    assert Source.objects.count() == 1


def test_who_is_over_the_limit_reads_a_sentence_and_keeps_what_was_typed(storm, address, client):
    village, at = storm.household(0, 5).division_id, clock.now()
    Submission.objects.bulk_create(Submission(village_id=village, at=at) for _each in range(most("village")))
    page = client.post(address, filled(storm, client.get(address))).content.decode()
    assert "这个村" in page
    assert "屋顶掉了" in page
    assert not Lead.objects.exists()


def test_the_network_is_kept_as_a_digest_and_a_proxy_of_ones_own_is_not_counted(rf):
    def of(direct, told=""):
        return origin.of(rf.get("/", REMOTE_ADDR=direct, HTTP_X_FORWARDED_FOR=told))

    assert "8.8.8.8" not in of("8.8.8.8")
    assert of("127.0.0.1", "1.1.1.1, 8.8.8.8") == of("8.8.8.8") == of("8.8.8.8", "9.9.9.9")
    assert of("8.8.4.4") != of("8.8.8.8")
    assert of("127.0.0.1") == of("", "nonsense") == ""
    assert of("2400:3200::1") == of("2400:3200::ffff:2") != of("2400:3200:0:1::1")


# --- for somebody else; the receipt ------------------------------------------------------------------
def test_who_writes_for_somebody_says_how_they_came(storm, address, enter):
    browser = enter("village_cadre_a")
    browser.post(address, filled(storm, browser.get(address), through="phone"))
    assert Source.objects.get().claim["through"] == "phone"
    page = reverse("discover:lead", args=[storm.event.code, storm.household(0, 5).code])
    assert "代填 · 打电话" in browser.get(page).content.decode()
    assert 'name="through"' not in Client().get(address).content.decode()


@pytest.mark.clause("D1", "D6")
def test_a_receipt_says_which_office_has_it_and_by_when_and_names_nobody(storm, source, people, client, settings):
    settings.SITE = "https://anlan.example.cn"
    address = reverse("discover:receipt", args=[source.key])
    first = client.get(address).content.decode()
    township = Division.objects.get(pk=source.lead.household.division.parent_id).name
    assert f"{township}（乡镇办理）" in first
    assert "这一步最迟" in first
    assert "<svg" in first
    clock.advance(timedelta(hours=1))
    take_in(leads=[source.lead.pk], by=people["township_officer_a"])
    second = client.get(address).content.decode()
    assert "村级办理" in second.split("现在在哪里办")[1].split("</dd>")[0]
    assert people["township_officer_a"].name not in second
    assert source.lead.household.head_name not in second


@pytest.mark.clause("D1", "D6")
def test_a_receipt_follows_the_case_to_the_notice_step_by_step(storm, source, people, client):
    home = source.lead.household
    shown = []

    def step(after=""):
        clock.advance(timedelta(hours=1))
        if after:
            clock.advance(timedelta(days=5))
            decide(storm.event, home, after)
        shown.append(client.get(reverse("discover:receipt", args=[source.key])).content.decode())

    clock.advance(timedelta(hours=1))
    visit(storm.event, home)
    step()
    compare(storm.event, home)
    open_cases(by=people["anlan"])
    step()
    for after in ("publicity", "town_check", "county_decide", "notice", "entered"):
        step(after)
    said = [re.search(r"<dt>进度</dt><dd>(.*?)</dd>", page).group(1) for page in shown]
    assert said == [
        "已核实受灾", "已核实，等待村民代表民主评议", "正在村里公示", "公示期满，乡镇审核", "乡镇审核同意，县级审批",
        "县级审批同意，正在公告", "审批同意，已在村里公告",
    ]  # fmt: skip
    offices = [re.search(r"现在在哪里办</dt><dd>(.*?)</dd>", page) for page in shown]
    place, village = home.division.parent.name, home.division.name
    assert [each and each.group(1) for each in offices] == [
        "县级有关部门", f"{village}（村级办理）", f"{village}（村级办理）", f"{place}（乡镇办理）",
        "县级有关部门", "县级有关部门", None,
    ]  # fmt: skip
    assert all("这一步最迟" in page for page in shown[:-1])
    assert not [page for page in shown if home.head_name in page]


def decide(event, home, after):
    (case,) = cases(event, home)
    advance(moves=[Move(case.pk, case.version, after)], by=User.objects.get(username="anlan"))


def test_who_reports_of_a_household_whose_case_runs_learns_nothing_from_before(storm, source, people, client):
    visit(storm.event, source.lead.household)
    compare(storm.event, source.lead.household)
    open_cases(by=people["anlan"])
    clock.advance(timedelta(hours=1))
    later = [Report("R23456789ABC", "self", source.lead.household_id, clock.now(), {"kinds": ["home"]})]
    report(event=storm.event, reports=later, by=people["anlan"])
    assert "已收到，正在办理" in client.get(reverse("discover:receipt", args=["R23456789ABC"])).content.decode()
    clock.advance(timedelta(hours=1))
    decide(storm.event, source.lead.household, "publicity")
    assert "正在村里公示" in client.get(reverse("discover:receipt", args=["R23456789ABC"])).content.decode()


def test_a_villages_own_code_leads_to_the_form_with_the_village_picked(storm, client):
    village = storm.household(0, 5).division_id
    page = client.get(reverse("discover:from_village", args=[village]), follow=True)
    assert f'value="{village}" selected' in page.content.decode()
    storm.event.__class__.objects.create(
        code="EV2", title="二", hazard="flood", level=2, opened_at=clock.now(), issued_at=clock.now(), codes=[]
    )
    page = client.get(reverse("discover:from_village", args=[village]), follow=True)
    assert len(re.findall(rf'href="[^"]*/report/[^"/]+/\?village={village}"', page.content.decode())) == 2
    assert client.get(reverse("discover:from_village", args=["360123101000"])).status_code == 404


# --- why it stands where it stands -------------------------------------------------------------------
@pytest.mark.clause("D5")
def test_a_lead_says_why_it_stands_where_it_stands_and_the_parts_add_up(storm, source, people, enter):
    household = storm.household(0, 3)
    Division.objects.filter(pk=household.division_id).update(remote=True)
    reports = [Report("c", "cadre", household.pk, clock.now(), {"kinds": ["home"]})]
    (lead,) = report(event=storm.event, reports=reports, by=people["anlan"])
    whole = Lead.objects.select_related("event", "household__division").get(pk=lead.pk)
    (row,) = queries.shown([whole])
    words = [why for why, _points in row.reasons]
    assert words[0] == rules.REASONS["green"]
    assert {str(rules.REASONS[each]) for each in ("impact", "key_group", "key_place", "cadre")} <= set(words)
    assert sum(points for _why, points in row.reasons) == pytest.approx(lead.priority, abs=1e-5)
    page = enter("township_officer_a").get(reverse("discover:inbox")).content.decode()
    assert "排在这里是因为" in page
    assert "重点村或偏远村" in page


def test_a_household_that_came_into_a_key_group_since_does_not_have_it_in_the_sum():
    given = rules.priority(score=0.2, key_group=False, doors=["self"], green=False)
    parts = rules.standing(given, key_group=True, doors=["self"], green=False, key_place=False)
    assert [(part.why, part.points) for part in parts] == [("self", 0.5), ("impact", 0.2)]


def test_a_key_place_goes_before_another():
    plain, key = (
        rules.priority(score=0.1, key_group=False, doors=["self"], green=False, key_place=place)
        for place in (False, True)
    )
    assert key > plain
