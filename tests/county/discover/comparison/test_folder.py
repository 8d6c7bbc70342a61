"""Lists put into a folder: the worker compares them, deletes what it has compared, and says why it refused the rest."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test.utils import override_settings

from anlan.county.desk.waiting import waiting
from anlan.county.discover import jobs
from anlan.county.discover.comparison.folder import REST_S, RETRY_S, TRIES, take_up
from anlan.county.discover.models import Batch, Lead, ListRow
from anlan.county.office.queries import machine

KEY = "medical_insurance"
NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path):
    with override_settings(LISTS=tmp_path / "lists"):
        (tmp_path / "lists").mkdir()
        yield tmp_path / "lists"


@pytest.fixture
def put(folder, medical):
    """Put a list of one household's bills into the folder, under a name."""

    def put(name, yuan=60_000):
        shutil.copy(medical((0, 5, yuan)), folder / name)

    return put


def left(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".looks")
    return sorted(str(path.relative_to(folder)) for path in files)


def look(seconds):
    """The worker's look, so many seconds after noon by the machine's clock."""
    return take_up(machine(), NOON + timedelta(seconds=seconds))


def compare_lists():
    """As many looks as it takes until nothing more can come of the folder."""
    if not settings.LISTS.is_dir():
        return jobs.compare_lists()
    return sum(look(at * RETRY_S) for at in range(TRIES + 2))


@pytest.mark.clause("D3")
@pytest.mark.parametrize(("about", "month"), [("", "2026-06"), (".2026-05", "2026-05")])
def test_a_months_list_is_compared_and_gone_and_what_came_of_it_is_told(storm, put, folder, about, month):
    put(f"{KEY}{about}.csv")
    assert compare_lists() == 1
    batch = Batch.objects.get()
    assert (batch.source, f"{batch.month:%Y-%m}", batch.event.hazard) == (KEY, month, "screening")
    assert ListRow.objects.count() == 1
    assert Lead.objects.get().household == storm.household(0, 5)
    (told,) = left(folder)
    text = (folder / told).read_text()
    assert told.startswith(f"done/20260618-200000-{KEY}")
    assert json.loads(text)["leads"] == 1
    assert "示例户" not in text
    assert compare_lists() == 0


@pytest.mark.clause("D3")
def test_a_disasters_list_makes_leads_of_that_disaster(storm, put, folder):
    put(f"{KEY}.{storm.event.code}.csv")
    compare_lists()
    assert (Batch.objects.get().event, Lead.objects.get().event) == (storm.event, storm.event)


def test_the_same_list_again_adds_nothing(storm, put, folder):
    for _each in range(2):
        put(f"{KEY}.csv")
        compare_lists()
    assert (Batch.objects.count(), Lead.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [("nobody.csv", None, "nobody"), (f"{KEY}.2026-13.csv", None, "2026-06 这样"), (f"{KEY}.EV0.csv", None, "EV0"),
     (f"{KEY}.2027-01.csv", None, "还没有到"), (f"{KEY}.xlsx", "no workbook", f"{KEY}.xlsx")],
)  # fmt: skip
def test_what_cannot_be_compared_is_kept_beside_the_sentence_and_holds_up_no_other(storm, put, folder, name, text, why):
    put(name)
    if text:
        (folder / name).write_text(text)
    put("zz.csv")
    put(f"{KEY}.2026-04.csv")
    assert compare_lists() == 3
    assert f"refused/{name}" in left(folder)
    assert why in (folder / "refused" / f"{name}.txt").read_text()
    assert Batch.objects.count() == 1


def test_other_files_and_a_missing_folder_are_left_alone(storm, folder):
    (folder / f"{KEY}.csv.part").write_text("half")
    (folder / "readme.md").write_text("how to")
    assert compare_lists() == 0
    assert left(folder) == [f"{KEY}.csv.part", "readme.md"]
    shutil.rmtree(settings.LISTS)
    assert compare_lists() == 0


# --- files on their way ------------------------------------------------------------------------------------------
@pytest.mark.clause("D3")
def test_a_list_that_is_still_being_written_is_left_alone_until_it_stands_still(storm, folder, medical):
    whole = medical((0, 5, 60_000)).read_bytes()
    path = folder / f"{KEY}.csv"
    for second in range(0, 40, 5):  # a slow copy: a few bytes more at every look, whole lines among them
        path.write_bytes(whole[: len(whole) * (second + 5) // 40])
        assert look(second) == 0
    assert look(35 + REST_S - 1) == 0
    assert Batch.objects.count() == 0
    assert look(35 + REST_S) == 1
    assert Lead.objects.get().household == storm.household(0, 5)
    assert left(folder) == [each for each in left(folder) if each.startswith("done/")]


def test_the_worker_that_is_started_anew_knows_what_it_saw(storm, put, folder):
    put(f"{KEY}.csv")
    assert jobs.compare_lists() == 0
    assert json.loads((folder / ".looks").read_text()).keys() == {f"{KEY}.csv"}
    (folder / ".looks").write_text("{half")
    assert look(0) == 0
    assert look(REST_S) == 1
    assert json.loads((folder / ".looks").read_text()) == {}


@pytest.mark.clause("D3")
def test_what_cannot_be_read_yet_is_tried_again_and_then_said_on_the_desk(storm, folder, medical, people, as_):
    path = folder / f"{KEY}.csv"
    path.write_text("half a hea")
    look(0)
    for tried in range(1, TRIES):
        assert look(REST_S + tried * RETRY_S) == 0
        assert left(folder) == [f"{KEY}.csv"]
    assert look(REST_S + TRIES * RETRY_S) == 1
    clerk = people["department_clerk"]
    assert next(task.number for task in waiting(clerk) if task.title == "读不了的部门名单文件") == 1
    page = as_("department_clerk").get("/discover/lists/").text
    assert f"{KEY}.csv</span>" in page
    assert "名单文件夹里读不了的文件" not in as_("auditor").get("/discover/lists/").text
    (folder / "refused" / path.name).unlink()
    assert not any(task.title == "读不了的部门名单文件" and task.number for task in waiting(clerk))


def test_one_that_can_be_read_at_the_second_try_is_compared(storm, folder, medical):
    path = folder / f"{KEY}.csv"
    path.write_text("half a hea")
    look(0)
    assert look(REST_S) == 0
    path.write_bytes(medical((0, 5, 60_000)).read_bytes())
    assert look(REST_S + RETRY_S) == 0  # it has changed: it must stand first
    assert look(2 * REST_S + RETRY_S) == 1
    assert Batch.objects.count() == 1


def test_what_is_written_while_it_is_read_is_not_deleted(storm, put, folder, monkeypatch):
    from anlan.county.discover.comparison import actions

    put(f"{KEY}.csv")
    compare = actions.compare

    def written_on(**given):
        outcome = compare(**given)
        with given["path"].open("a") as file:
            file.write("\n")
        return outcome

    monkeypatch.setattr(actions, "compare", written_on)
    look(0)
    assert look(REST_S) == 0
    assert f"{KEY}.csv" in left(folder)


def test_a_file_that_is_gone_between_two_glances_is_no_defect(storm, folder, monkeypatch):
    (folder / f"{KEY}.csv").symlink_to(folder / "away.csv")
    assert look(0) == 0
    monkeypatch.setattr("pathlib.Path.is_file", lambda path: True)
    assert look(REST_S) == 0
