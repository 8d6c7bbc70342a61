"""A phone in the field: what it weighs, how many taps it takes, and that nothing is lost whatever the line does."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Page, Playwright
from tests.browser.afield import County, Phone, served, unsent, until_sent
from tests.browser.conftest import AXE
from tests.browser.faulty import FAULTS, Line, line

from anlan.county.verify.field.merging import FIELDS

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.xdist_group("field")]

VILLAGE = "360123101201"
FIRST_LOAD_BYTES = 50_000


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """One county for all of these tests; each takes households that no other touches."""
    with served(tmp_path_factory.mktemp("field"), households=120) as made:
        yield made


@pytest.fixture
def whole_line(county: County) -> Iterator[Line]:
    """A line on which nothing breaks yet."""
    with line(county.port) as made:
        yield made


@pytest.fixture
def phone_of(county: County, driver: Playwright, whole_line: Line, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """`phone_of()` is a phone of its own on the same line; every phone must end without a script's error."""
    made: list[Phone] = []

    def phone(**more: Any) -> Phone:
        made.append(Phone(driver, tmp_path / f"profile{len(made)}", whole_line, **more))
        return made[-1]

    yield phone
    for each in made:
        each.context.close()
    assert [problem for each in made for problem in each.problems] == []


SKETCHED = "async () => (await (await import('/static/field/outbox.js')).sketched())?.pictures.length === 1"


class Hand:
    """A thumb that counts its taps."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: str) -> None:
        self.page.locator(what).first.click()
        self.taps += 1

    def save(self) -> None:
        """Press Save, and see the word that it is saved."""
        self.tap("button[type=submit]")
        self.page.wait_for_selector("#said.ok:not(:empty)")


def row(serial: int) -> str:
    return f"[data-code='{VILLAGE}{serial:05d}']"


def outcome(word: str) -> str:
    return f"label.chip:has(input[value={word}])"


def write(page: Page, serial: int, word: str = "unharmed") -> None:
    """A household looked at, and saved."""
    page.bring_to_front()  # a tab that nobody sees answers a tap after seconds
    page.fill("#find", f"{serial:05d}")
    hand = Hand(page)
    hand.tap(row(serial))
    hand.tap(outcome(word))
    hand.save()
    page.wait_for_selector("#find")


def picture(tmp_path: Path, page: Page) -> Path:
    """A photograph of four megapixels, as a phone's camera makes it."""
    data = page.evaluate(
        """() => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 2400, height: 1800 });
          const pen = canvas.getContext("2d");
          for (let at = 0; at < 4000; at += 1) {
            pen.fillStyle = `rgb(${at % 255} ${(at * 7) % 255} ${(at * 13) % 255})`;
            pen.fillRect((at * 37) % 2400, (at * 91) % 1800, 60, 60);
          }
          return canvas.toDataURL("image/jpeg", 0.95);
        }"""
    )
    path = tmp_path / "camera.jpg"
    path.write_bytes(base64.b64decode(data.split(",")[1]))
    return path


def sign_in_again(phone: Phone, page: Page, county: County) -> None:
    """A browser that was killed may not have written down yet that somebody was logged in: it asks."""
    if page.locator("#sign-in a").count() or not page.evaluate("fetch('/verify/').then((said) => !said.redirected)"):
        phone.page(county.links["cadre"]).close()


def stored(county: County, *serials: int) -> list[tuple[Any, ...]]:
    """The submissions of these households: state and outcome."""
    wanted = ",".join(f"'{VILLAGE}{serial:05d}'" for serial in serials)
    return county.rows(
        "SELECT h.code, s.state, json_extract(s.said, '$.outcome'), s.uuid FROM verify_submission s "
        f"JOIN registry_household h ON h.id = s.household_id WHERE h.code IN ({wanted}) ORDER BY h.code, s.id"
    )


def test_the_first_load_is_light(county, phone_of, whole_line):
    phone = phone_of()
    phone.page(county.links["cadre"]).close()
    before = whole_line.bytes
    page = phone.page()
    page.evaluate("navigator.serviceWorker.ready")  # which asked for everything once more
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-code]").count() == 50
    assert 10_000 < whole_line.bytes - before <= FIRST_LOAD_BYTES


@pytest.mark.clause("D2")
def test_eight_taps_with_a_photograph_and_six_without(county, phone_of, tmp_path):
    page = phone_of().enter(county.links["cadre"])
    large = picture(tmp_path, page)
    hand = Hand(page)
    hand.tap(row(1))
    hand.tap(outcome("harmed"))
    hand.tap("label.chip:has(input[value=home])")
    hand.tap("label.chip:has(input[value=home_safe])")
    hand.tap("label.chip.wide:has(input[type=checkbox])")
    with page.expect_file_chooser() as chooser:
        hand.tap("label.camera")
    chooser.value.set_files(large)
    hand.taps += 1  # the camera's own button
    page.wait_for_selector(".photo img")
    hand.save()
    assert hand.taps <= 8
    hand = Hand(page)
    hand.tap(row(2))
    hand.tap(outcome("unharmed"))
    hand.save()
    assert hand.taps <= 6
    until_sent(page)
    ((size, taken, lon),) = county.rows("SELECT size, taken_at, lon FROM verify_photo")
    assert size < large.stat().st_size / 3
    assert (bool(taken), lon) == (True, 115.61)
    ((home, safe),) = county.rows("SELECT json_extract(losses_yuan, '$.home'), home_safe FROM verify_finding")
    assert (home, safe) == (None, 0)  # nothing was expected to be lost there, and no figure was given


@pytest.mark.clause("D2", "M2")
def test_a_phone_that_is_killed_after_save_with_no_server_in_reach_has_lost_nothing(county, phone_of, whole_line):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    page.evaluate("navigator.serviceWorker.ready")
    whole_line.down = True
    for serial in (5, 6, 7):
        write(page, serial)
    phone.kill()
    phone.start()
    page = phone.page()
    assert unsent(page) == 3
    assert page.locator("[data-code]").count() > 40  # the list is there as well
    assert page.locator(row(5)).get_by_text("未发送").count() == 1
    whole_line.down = False
    sign_in_again(phone, page, county)
    until_sent(page)
    assert [each[:3] for each in stored(county, 5, 6, 7)] == [
        (f"{VILLAGE}{serial:05d}", "stored", "unharmed") for serial in (5, 6, 7)
    ]


@pytest.mark.clause("D2", "M2")
def test_two_tabs_and_a_line_with_every_fault_lose_and_double_nothing(county, phone_of, whole_line):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    second = phone.page()
    phone.context.set_offline(True)
    serials = list(range(10, 26))
    for serial in serials:
        write(page, serial)
    faults = iter([*FAULTS, "", *FAULTS, *FAULTS])
    whole_line.fault = lambda _body: next(faults, "")
    phone.context.set_offline(False)
    for tab in (page, second):
        tab.evaluate("dispatchEvent(new Event('online'))")
    until_sent(page)
    until_sent(second)
    found = stored(county, *serials)
    assert [each[0] for each in found] == [f"{VILLAGE}{serial:05d}" for serial in serials]
    assert len({each[3] for each in found}) == len(serials)
    assert all(whole_line.count[fault] for fault in FAULTS)
    visits = county.rows("SELECT count(*), count(DISTINCT uuid) FROM verify_visit")[0]
    assert visits[0] == visits[1]


def test_one_poisoned_record_holds_up_no_other(county, phone_of, whole_line):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    whole_line.down = True
    serials = range(30, 36)
    for serial in serials:
        write(page, serial)
    whole_line.fault = lambda body: "busy" if f"{VILLAGE}00030".encode() in body else ""
    whole_line.down = False
    until_sent(page, left=1)
    assert [each[0][-2:] for each in stored(county, *serials)] == ["31", "32", "33", "34", "35"]
    whole_line.fault = lambda _body: ""
    until_sent(page)


def test_what_the_server_refuses_waits_for_repair_with_the_reason(county, phone_of, whole_line):
    one, other = phone_of(), phone_of()
    page, late = one.enter(county.links["cadre"]), other.enter(county.links["second"])
    write(page, 40, "harmed")
    until_sent(page)
    page.click("text=更新资料")
    page.wait_for_selector(f"{row(40)} .badge.ok:has-text('受灾')")
    write(page, 40, "unharmed")  # a finding never closes but by its own chain
    write(page, 41)
    page.wait_for_function("document.getElementById('repair').textContent.includes('1')")
    until_sent(page, left=1)
    page.click("#outbox")
    card = page.locator("[data-uuid]")
    assert "已有核实结果" in card.inner_text()
    card.get_by_role("button", name="更正").click()
    page.click(outcome("harmed"))
    Hand(page).save()
    until_sent(page)
    assert [each[1:3] for each in stored(county, 40)] == [("stored", "harmed")] * 2
    assert late.locator("h1").inner_text() == "排查登记"


@pytest.mark.clause("M3")
def test_two_phones_that_differ_leave_what_stands_and_wait_for_the_township(county, phone_of):
    one, other = phone_of(), phone_of()
    page, late = one.enter(county.links["cadre"]), other.enter(county.links["second"])
    write(page, 45, "harmed")
    until_sent(page)
    write(late, 45)
    until_sent(late)
    assert [each[1:3] for each in stored(county, 45)] == [("stored", "harmed"), ("held", "unharmed")]
    late.click("#outbox")
    late.wait_for_selector("main >> text=由乡镇处理")
    town = phone_of(viewport={"width": 1366, "height": 900})
    town.page(county.links["town"]).close()
    desk = town.page("/verify/field/handed-in/")
    desk.click("text=示例户45")
    assert "保留现有：受灾" in desk.inner_text("main")
    desk.click("button:has-text('按所选处理')")
    desk.wait_for_selector("text=没有要处理的填报")
    assert stored(county, 45)[1][1] == "settled"


def test_who_is_logged_out_keeps_everything_and_sends_it_after_the_log_in(county, phone_of):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    phone.context.clear_cookies(name="sessionid")
    write(page, 50)
    page.wait_for_selector("#sign-in a")
    assert unsent(page) == 1
    phone.page(county.links["cadre"]).close()
    until_sent(page)
    assert len(stored(county, 50)) == 1


@pytest.mark.clause("A2")
def test_a_revoked_phone_wipes_its_households_and_what_it_still_holds_waits_for_the_township(
    county, phone_of, whole_line
):
    phone = phone_of()
    page = phone.enter(county.links["second"])
    whole_line.down = True
    write(page, 55)
    county.python(
        "from anlan.county.verify.models import Device\nfrom anlan.county.office.models import User\n"
        "from anlan.county.verify.field.actions import revoke\n"
        "for each in Device.objects.filter(user__username='second', revoked_at=None):\n"
        "    revoke(device=each, by=User.objects.get(username='town'))"
    )
    whole_line.down = False
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert "已被停用" in page.inner_text("body")
    assert page.locator("[data-code]").count() == 0
    until_sent(page)
    assert [each[1:3] for each in stored(county, 55)] == [("held", "unharmed")]
    left = page.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("anlan-field").onsuccess = ({ target: { result } }) => {
            const counts = ["pack", "keys", "outbox"].map((name) => new Promise((done) =>
              (result.transaction(name).objectStore(name).count().onsuccess = (event) => done(event.target.result))));
            resolve(Promise.all(counts));
          };
        })"""
    )
    assert left == [0, 0, 0]


def test_nobody_can_be_read_out_of_the_phones_disk(county, phone_of, whole_line, tmp_path):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    whole_line.down = True
    write(page, 60)
    phone.kill()
    said = [code for word in ("示例户", "樟树下") for code in (word.encode(), word.encode("utf-16-le"))]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any("IndexedDB" in str(path) for path in files)
    assert [path for path in files for word in said if word in path.read_bytes()] == []
    phone.start()
    whole_line.down = False
    page = phone.page()
    sign_in_again(phone, page, county)
    until_sent(page)


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page where ANLAN_SCREENSHOTS names a folder."""
    if folder := os.environ.get("ANLAN_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def axe(page: Page) -> list[str]:
    """What breaks the rules of accessibility."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        """() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
          .then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))"""
    )
    return list(found)


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("size", ["100%", "200%"])
def test_every_screen_fits_a_small_phone_and_can_be_heard(county, phone_of, size):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    page.evaluate(f"document.documentElement.style.fontSize = 'calc(1.0625 * {size})'")
    assert (axe(page), overflow(page)) == ([], 0)
    page.click(row(1))
    for word in ("absent", "harmed"):
        page.click(outcome(word))
    for cause in ("home", "crop", "medical", "water", "schooling", "food"):
        page.click(f"label.chip:has(input[value={cause}])")
    page.click("summary")
    keep(page, f"field-form-{size.strip('%')}")
    assert (axe(page), overflow(page)) == ([], 0)
    page.click("#outbox")
    page.wait_for_selector("h1:has-text('我的记录')")
    assert (axe(page), overflow(page)) == ([], 0)


@pytest.mark.clause("D2", "P2")
def test_only_what_was_hit_is_asked_and_what_is_untouched_stays_as_it_was(county, phone_of):
    page = phone_of().enter(county.links["cadre"])
    page.fill("#find", "00085")
    page.click(row(85))
    page.click(outcome("harmed"))
    asked = page.locator(".cause legend")
    assert asked.all_inner_texts() == []
    for cause in ("crop", "home", "food", "water"):
        page.click(f"label.chip:has(input[value={cause}])")
    assert asked.all_inner_texts() == ["房屋", "庄稼", "饮水", "口粮"]
    page.fill("#crop_mu", "2.5")
    page.fill("#loss_crop", "800")
    page.fill("#water_days", "4")
    page.select_option("#home_damage", "collapsed")
    assert page.locator("input[value=home_safe]").is_checked()  # nobody lives safely in what has collapsed
    page.click("label.chip:has(input[value=water]):not(.cause *)")
    assert asked.all_inner_texts() == ["房屋", "庄稼", "口粮"]
    keep(page, "field-causes")
    Hand(page).save()
    until_sent(page)
    ((details, losses, safe, food, water),) = county.rows(
        "SELECT f.details, f.losses_yuan, home_safe, food_secured, water_safe FROM verify_finding f "
        "JOIN discover_lead l ON l.id = f.lead_id JOIN registry_household h ON h.id = l.household_id "
        f"WHERE h.code = '{VILLAGE}00085'"
    )
    assert json.loads(details) == {"crop_mu": 2.5, "home_damage": "collapsed"}
    assert (json.loads(losses), safe, food, water) == ({"crop": 800.0}, 0, 0, 1)


@pytest.mark.clause("D2")
def test_offline_a_household_nobody_met_and_one_that_moved_are_marked_and_sent_later(county, phone_of, whole_line):
    page = phone_of().enter(county.links["cadre"])
    whole_line.down = True
    page.fill("#find", "00086")
    page.click(row(86))
    page.click(outcome("absent"))
    page.click("label.chip:has(input[value=road])")
    keep(page, "field-absent")
    Hand(page).save()
    page.wait_for_selector("#find")
    write(page, 87, "moved")
    assert unsent(page) == 2
    whole_line.down = False
    until_sent(page)
    assert [each[1:3] for each in stored(county, 86, 87)] == [("stored", "absent"), ("stored", "moved")]
    assert county.rows("SELECT why, again_on IS NOT NULL FROM verify_visit WHERE outcome = 'absent' AND why <> ''") == [
        ("road", 1)
    ]


@pytest.mark.clause("D2", "M2")
def test_who_stood_elsewhere_is_asked_why_from_the_phone(county, phone_of):
    phone = phone_of(geolocation={"longitude": 115.7, "latitude": 28.95})
    page = phone.enter(county.links["cadre"])
    page.fill("#find", "00088")
    page.click(row(88))
    page.click(outcome("unharmed"))
    page.evaluate("new Promise((done) => navigator.geolocation.getCurrentPosition(done, done))")  # it knows where it is
    Hand(page).save()
    until_sent(page)
    page.click("#outbox")
    page.click("text=说明原因")
    page.fill("#words", "住在安置点，在那里问的")
    page.click("button:has-text('提交说明')")
    page.wait_for_selector("blockquote:has-text('安置点')")
    assert (axe(page), overflow(page)) == ([], 0)
    keep(page, "field-explained")


def test_the_offices_pages_can_be_heard_and_fit(county, phone_of):
    phone = phone_of()
    phone.page(county.links["town"]).close()
    for path in ("/verify/field/devices/", "/verify/field/typed/", "/verify/field/handed-in/?state=all"):
        page = phone.page(path)
        assert (axe(page), overflow(page)) == ([], 0), path


def test_the_page_speaks_english_too(county, phone_of):
    phone = phone_of(locale="en-US")
    page = phone.enter(county.links["cadre"])
    assert page.locator("h1").inner_text() == "Door to door"
    page.click(row(1))
    assert "Save" in page.inner_text("main")


def test_a_code_drawn_on_the_phone_is_the_standards(county, phone_of):
    """Of texts that fill a code: then nothing in it is left to taste."""
    page = phone_of().enter(county.links["cadre"])
    for version, length in ((1, 17), (2, 32), (6, 134), (7, 154), (10, 271), (21, 929), (32, 1952), (40, 2953)):
        text = ("AL1 eyJ1dWlkIjoi_-09" * 150)[:length]
        for mask in (0, 5):
            drawn = page.evaluate(
                "async ([text, mask]) => (await import('/static/field/qr.js')).squares(text, mask)", [text, mask]
            )
            known = segno.make(text, error="l", mode="byte", mask=mask, boost_error=False, micro=False)
            assert (known.version, drawn) == (version, [[bool(each) for each in row] for row in known.matrix])
    assert page.evaluate("import('/static/field/qr.js').then(({ drawn }) => drawn('a'.repeat(2954), ''))") is None


def test_a_copy_of_a_record_is_read_in_by_the_township_and_counts_once(county, phone_of, whole_line):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=phone.home)
    whole_line.down = True
    write(page, 65, "harmed")
    page.click("#outbox")
    page.click("button:has-text('文字副本')")
    text = page.input_value("main textarea")
    assert page.evaluate("navigator.clipboard.readText()") == text
    whole = page.locator("svg.qr").bounding_box()
    assert (whole["width"] > 300, whole["width"] == whole["height"]) == (True, True)
    keep(page, "field-copy")
    drawn = page.evaluate("async (text) => (await import('/static/field/qr.js')).squares(text)", text)
    assert len(drawn) < 110  # squares that another telephone can tell apart on this screen
    whole_line.down = False
    town = phone_of()
    town.page(county.links["town"]).close()
    desk = town.page("/verify/field/typed/")
    desk.fill("textarea", f"{text[:70]}\n{text[70:]}")
    desk.click("main button[type=submit]")
    desk.wait_for_selector("text=已登记，回执")
    until_sent(page)
    assert [each[1:3] for each in stored(county, 65)] == [("stored", "harmed")]


def test_the_phones_fields_are_the_findings():
    source = (Path(__file__).parents[2] / "src/anlan/county/verify/static/field/copy.js").read_text()
    listed = source.split("export const ORDER = [")[1].split("]")[0]
    assert json.loads(f"[{listed.strip().rstrip(',')}]") == list(FIELDS)


@pytest.mark.clause("D2")
def test_a_form_that_the_phone_put_away_stands_there_again(county, phone_of, whole_line, tmp_path):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    page.fill("#find", "00070")
    page.click(row(70))
    page.click(outcome("harmed"))
    with page.expect_file_chooser() as chooser:
        page.click("label.camera")
    chooser.value.set_files(picture(tmp_path, page))
    page.wait_for_selector(".photo img")
    page.wait_for_function(SKETCHED)
    page.reload()  # the phone needed the memory
    page.wait_for_selector(".photo img")
    assert page.locator("h1").inner_text() == "示例户70"
    assert page.is_checked("input[value=harmed]")
    Hand(page).save()
    until_sent(page)
    assert [each[1:3] for each in stored(county, 70)] == [("stored", "harmed")]
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator("h1").inner_text() == "排查登记"


@pytest.mark.clause("M2")
def test_the_same_record_at_the_same_moment_from_eight_sides_is_one(county, phone_of):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    answers = page.evaluate(
        """async (code) => {
          const { post, load } = await import("/static/field/pack.js");
          const { pack } = await load();
          const [event] = pack.events;
          const { base } = event.rows.find((row) => row.code === code);
          const at = new Date().toISOString();
          const record = { uuid: crypto.randomUUID(), owner: pack.owner, event: event.code, household: code, at,
            sent_at: at, outcome: "unharmed", consent: true, note: "", kinds: [], finding: null, photos: [], base };
          const form = () => {
            const made = new FormData();
            made.set("record", JSON.stringify(record));
            return made;
          };
          return Promise.all(Array.from({ length: 8 }, () => post("/verify/field/send/", form())));
        }""",
        f"{VILLAGE}00075",
    )
    assert {each["status"] for each in answers} == {200}
    assert len({each["said"]["receipt"] for each in answers}) == 1
    assert len(stored(county, 75)) == 1


def test_who_goes_out_takes_the_households_off_the_phone_and_leaves_what_is_unsent(county, phone_of, whole_line):
    phone = phone_of()
    page = phone.enter(county.links["cadre"])
    whole_line.down = True
    write(page, 80)
    whole_line.down = False
    whole_line.fault = lambda _body: "busy"
    desk = phone.page("/")
    desk.click("summary.who__name")
    with desk.expect_navigation():
        desk.click(".who__card button")
    page.reload()
    page.wait_for_selector("#sign-in a")
    assert (page.locator("[data-code]").count(), unsent(page)) == (0, 1)
    whole_line.fault = lambda _body: ""
    phone.page(county.links["cadre"]).close()
    until_sent(page)
    assert len(stored(county, 80)) == 1
