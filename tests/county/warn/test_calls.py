"""The call list for paper, and the ticks that come back from it."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Division
from anlan.county.registry.models import Household
from anlan.county.registry.shelters.actions import ShelterRecord, Way, assign, save_shelter
from anlan.county.warn import calls, ticks
from anlan.county.warn.actions import acknowledge, approve, draft, release
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.county.warn.ticks import Ticks, numbers

A, C = "360123101201", "360123102201"


@pytest.fixture
def out(red, people):
    """Every warning of the red storm released; one household with a second contact."""
    Household.objects.filter(code=f"{A}00002").update(second_phone="10077770002")
    found = draft(event=red.event, by=people["duty_officer"])
    for each in found:
        approve(warning=each, by=people["county_director"])
        release(warning=each, by=people["duty_officer"])
    return {each.audience: each for each in TheWarning.objects.all()}


@pytest.fixture
def village(out):
    return Division.objects.get(pk=A)


def said(found, told="", safe="", **more):
    given = {"check": found.check, "at": clock.now(), "place": "村口"} | more
    return Ticks(told=told, safe=safe, **given)


# --- the list ------------------------------------------------------------------------------------------
@pytest.mark.clause("W4", "D6")
def test_a_village_s_list_has_the_most_urgent_first_and_each_household_once(out, village, people):
    listed = calls.call_list(out["cadre"], village, people["village_cadre_a"])
    assert [line.number for line in listed.lines] == [1, 2, 3, 4, 5]
    assert [line.tier for line in listed.lines] == sorted(line.tier for line in listed.lines)
    assert [line.head_name for line in listed.lines] == [f"示例户0{n}" for n in (1, 2, 3, 4, 5)]
    assert listed.answered == 0
    one = calls.call_list(out["danger"], village)
    assert [line.tier for line in one.lines] == [0, 0]
    assert one.check != listed.check


def test_it_keeps_its_numbers_and_shows_who_has_answered_meanwhile(out, village, people):
    before = calls.call_list(out["cadre"], village)
    target = Target.objects.get(household__code=f"{A}00003")
    acknowledge(acks=[(target.pk, clock.now())], how="reply", by=people["anlan"])
    after = calls.call_list(out["cadre"], village)
    assert after.check == before.check
    assert [line.head_name for line in after.lines] == [line.head_name for line in before.lines]
    assert [line.how for line in after.lines if line.answered_at] == ["reply"]
    assert after.answered == 1


@pytest.mark.clause("H4")
def test_it_says_where_those_in_danger_go(out, village, people):
    hall = save_shelter(record_of=ShelterRecord(A, "示例甲村小学"), by=people["anlan"])
    assign(ways=[Way(A, 0, hall.code, "村东路")], by=people["anlan"])
    lines = calls.call_list(out["cadre"], village).lines
    assert [line.refuge is not None for line in lines] == [True, True, False, False, False]
    assert lines[0].refuge.route == "村东路"


def test_several_cadres_share_whole_house_groups(out, village, people):
    appoint(username="cadre_2", name="另一位", role="village_cadre", division=A, since=clock.today())
    Household.objects.filter(code__in=[f"{A}00004", f"{A}00005"]).update(group_no=2)
    parts = calls.call_list(out["cadre"], village).parts
    assert [(name, len(lines)) for name, lines in parts] == [("另一位", 3), ("village_cadre_a", 2)]
    nobody = calls.call_list(out["cadre"], Division.objects.get(pk="360123101202"))
    assert [name for name, _lines in nobody.parts] == [""]


@pytest.mark.clause("W4")
def test_telephones_are_whole_only_for_a_reason_in_the_ledger(out, village, people):
    hidden = calls.call_list(out["cadre"], village, people["village_cadre_a"])
    assert not any("10077770002" in (line.phone, line.second_phone) for line in hidden.lines)
    assert hidden.lines[1].second_phone == "100****0002"
    shown = ticks.show(warning=out["cadre"], village=village, reason="contact", by=people["village_cadre_a"])
    assert shown.lines[1].second_phone == "10077770002"
    entry = Entry.objects.get(verb="warn.show_calls")
    assert json.loads(entry.payload) == {"village": A, "reason": "contact", "households": 5}
    with pytest.raises(BadInput, match="理由"):
        ticks.show(warning=out["cadre"], village=village, reason="curious", by=people["village_cadre_a"])
    for username in ("village_cadre_b", "auditor"):
        with pytest.raises(NotAllowed):
            ticks.show(warning=out["cadre"], village=village, reason="contact", by=people[username])
    assert Entry.objects.filter(verb="warn.show_calls").count() == 1


def test_a_list_asks_the_same_number_of_questions_however_long(out, village):
    few = calls.call_list(out["danger"], village)
    with CaptureQueriesContext(connection) as short:
        calls.call_list(out["danger"], village)
    with CaptureQueriesContext(connection) as long:
        many = calls.call_list(out["cadre"], village)
    assert len(few.lines) < len(many.lines)
    assert len(short) == len(long)


# --- its ticks -----------------------------------------------------------------------------------------
@pytest.mark.clause("W4", "L1", "D6")
def test_ticks_become_a_cadre_s_word_with_time_and_place_and_end_the_ladder(out, village, people):
    listed = calls.call_list(out["cadre"], village)
    at = clock.now()
    with clock.held(at + timedelta(hours=2)):
        assert (
            ticks.enter(
                warning=out["cadre"],
                village=village,
                by=people["village_cadre_a"],
                ticks=said(listed, "1-2，4", "５", at=at),
            )
            == 5
        )
    told = Target.objects.filter(acknowledged_how="cadre").order_by("household__code")
    assert [each.household.code[-1] for each in told] == ["1", "2", "4", "5"]
    assert {(each.acknowledged_at, each.acknowledged_by, each.acknowledged_place) for each in told} == {
        (at, "village_cadre_a", "村口")
    }
    assert [each.household.code[-1] for each in told.filter(safe_at=at)] == ["5"]
    again = ticks.enter(warning=out["cadre"], village=village, by=people["village_cadre_a"], ticks=said(listed, "1 2"))
    assert again == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"told": "9"}, "没有 9 号"), ({"told": "甲"}, "不是序号"), ({"told": ""}, "没有填写"),
        ({"told": "5-1"}, "不是序号"),
        ({"told": "1-x"}, "不是序号"), ({"told": "1-999999"}, "不是序号"), ({"told": "1", "check": "ZZZZ"}, "核对码"),
        ({"told": "1", "at": timedelta(hours=1)}, "叫应时间"), ({"told": "1", "at": timedelta(days=-1)}, "叫应时间"),
    ],
)  # fmt: skip
def test_what_is_not_on_the_paper_is_refused_and_nothing_is_entered(out, village, people, given, why):
    more = {key: clock.now() + value if key == "at" else value for key, value in given.items()}
    with pytest.raises(BadInput, match=why):
        ticks.enter(warning=out["cadre"], village=village, by=people["village_cadre_a"],
                    ticks=said(calls.call_list(out["cadre"], village), **more))  # fmt: skip
    assert not Target.objects.filter(acknowledged_at__isnull=False).exists()


def test_a_stranger_enters_nothing_and_what_was_never_released_has_no_ticks(out, village, people):
    listed = calls.call_list(out["cadre"], village)
    with pytest.raises(NotAllowed):
        ticks.enter(warning=out["cadre"], village=village, by=people["village_cadre_b"], ticks=said(listed, "1"))
    TheWarning.objects.filter(pk=out["cadre"].pk).update(released_at=None)
    with pytest.raises(BadInput, match="叫应时间"):
        ticks.enter(warning=TheWarning.objects.get(pk=out["cadre"].pk), village=village, by=people["anlan"],
                    ticks=said(listed, "1"))  # fmt: skip


def test_numbers_are_read_as_people_write_them():
    assert numbers("1-3、5；8。 １０") == {1, 2, 3, 5, 8, 10}
    assert numbers(" ") == set()


# --- pages, file, command --------------------------------------------------------------------------------
def address(name, warning, village=""):
    return reverse(f"warn:{name}", args=[warning.code]) + (f"?village={village}" if village else "")


@pytest.mark.clause("W4", "D6")
def test_a_cadre_prints_the_list_and_enters_the_ticks(out, village, as_, people):
    browser = as_("village_cadre_a")
    villages = browser.get(address("calls", out["cadre"])).content.decode()
    assert "示例甲村" in villages
    assert "示例丙村" not in villages
    shown = browser.get(address("calls", out["cadre"], A))
    listed = calls.call_list(out["cadre"], village)
    assert listed.check in shown.content.decode()
    assert "示例户02" in shown.content.decode()
    assert "10077770002" not in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    full = browser.post(address("calls", out["cadre"], A), {"reason": "contact"}).content.decode()
    assert "10077770002" in full
    page = browser.get(address("ticks", out["cadre"], A)).content.decode()
    assert "核对码" in page
    given = {
        "check": listed.check.lower(),
        "told": "1 2",
        "at": clock.now().strftime("%Y-%m-%dT%H:%M"),
        "place": "家里",
    }
    done = browser.post(address("ticks", out["cadre"], A), given, follow=True).content.decode()
    assert "已登记 2 条" in done
    assert "干部告知" in done
    assert browser.post(address("ticks", out["cadre"], A), given | {"at": "gestern"}).status_code == 422
    assert browser.post(address("ticks", out["cadre"], A), given | {"told": "77"}).status_code == 422


def test_the_stranger_finds_no_list_and_the_auditor_no_whole_number(out, as_):
    assert as_("village_cadre_b").get(address("calls", out["cadre"], A)).status_code == 404
    assert as_("village_cadre_b").get(address("ticks", out["cadre"], A)).status_code == 404
    assert as_("village_cadre_a").get(address("ticks", out["cadre"])).status_code == 404
    assert as_("auditor").get(address("calls", out["cadre"], A)).status_code == 200
    assert as_("auditor").post(address("calls", out["cadre"], A), {"reason": "contact"}).status_code == 403
    TheWarning.objects.filter(pk=out["key"].pk).update(released_at=None)
    assert as_("auditor").get(address("calls", out["key"], A)).status_code == 404


def words_of(content):
    document = Document(BytesIO(content))
    return "\n".join(
        [each.text for each in document.paragraphs]
        + [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    )


@pytest.mark.clause("W4")
def test_the_word_file_has_boxes_and_no_whole_number_without_a_reason(out, village, as_):
    answer = as_("village_cadre_a").post(address("calls", out["cadre"], A), {"word": "1"})
    text = words_of(answer.content)
    assert "叫应名单：示例甲村" in text
    assert text.count("□") == 10
    assert "10077770002" not in text
    full = as_("village_cadre_a").post(address("calls", out["cadre"], A), {"word": "1", "reason": "contact"})
    assert "10077770002" in words_of(full.content)


def test_the_command_prints_it_and_writes_the_file(out, village, people, capsys, tmp_path):
    file = tmp_path / "calls.docx"
    call_command("warn_calls", out["cadre"].code, "--village", A, "--out", str(file), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["households"], told["answered"], len(told["rows"])) == (5, 0, 5)
    assert "示例户01" in words_of(file.read_bytes())
    call_command("warn_calls", out["danger"].code, "--village", A)
    assert "示例户01" in capsys.readouterr().out
    words = ["warn_calls", out["cadre"].code, "--village", A, "--reason", "contact"]
    call_command(*words, "--by", "village_cadre_a", "--json")
    assert "10077770002" in capsys.readouterr().out
    with pytest.raises(BadInput, match="--by"):
        call_command(*words)
    with pytest.raises(NotFound):
        call_command("warn_calls", out["cadre"].code, "--village", A, "--by", "village_cadre_b")
    with pytest.raises(BadInput, match="写不进"):
        call_command("warn_calls", out["cadre"].code, "--village", A, "--out", str(tmp_path / "no" / "x.docx"))
