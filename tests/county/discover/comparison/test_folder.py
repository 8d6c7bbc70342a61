"""Lists put into a folder: the worker compares them, deletes what it has compared, and says why it refused the rest."""

import json
import shutil

import pytest
from django.conf import settings
from django.test.utils import override_settings

from anlan.county.discover.jobs import compare_lists
from anlan.county.discover.models import Batch, Lead, ListRow

KEY = "medical_insurance"


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
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


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
