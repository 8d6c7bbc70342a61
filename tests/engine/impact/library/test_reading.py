"""Reading the library's files: what could be misread is refused with the file and the entry."""

from pathlib import Path

import pytest

from anlan.engine.impact.library import Entry, LibraryInvalid
from anlan.engine.impact.library.reading import read

WORDS = """
kind = "flood_depth_m"
asset = "house"
effect = "loss"
region = "cn"
source = "s"
licence = "own"
trust = "design"
since = 2020-01-01
"""
POINTS = "points = [[0, 0], [1, 0.4]]\n"
SOUND = f"[one]{WORDS}{POINTS}"


def found(folder: Path, text: str, name: str = "a.toml") -> dict[str, Entry]:
    (folder / name).write_text(text)
    return read(folder)


def test_an_entry_is_read_with_all_it_says(tmp_path: Path) -> None:
    more = 'version = 3\nnote = "n"\nuntil = 2021-01-01\ngiven = { flood_days = [1, inf] }\n'
    one = found(tmp_path, SOUND + more)["one@3"]
    assert (one.key, one.version, one.kind, one.note, one.hazard) == ("one", 3, "flood_depth_m", "n", "")
    assert one.curve.ratio.tolist() == [0, 0.4]
    assert one.curve.std is None
    assert [(each.kind, each.low, each.high) for each in one.given] == [("flood_days", 1, float("inf"))]


def test_points_may_bring_a_deviation(tmp_path: Path) -> None:
    one = found(tmp_path, f"[one]{WORDS}points = [[0, 0, 0], [1, 0.4, 0.1]]")["one@1"]
    assert one.curve.std is not None
    assert one.curve.std.tolist() == [0, 0.1]


def test_versions_of_a_curve_stand_side_by_side(tmp_path: Path) -> None:
    text = f"[[one]]{WORDS}{POINTS}[[one]]{WORDS}version = 2\n{POINTS}"
    assert set(found(tmp_path, text)) == {"one@1", "one@2"}


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no curve")
    (tmp_path / "kinds.toml").write_text("no curve either")
    assert set(found(tmp_path, SOUND)) == {"one@1"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[one", r"a\.toml: "),
        (SOUND.replace('source = "s"\n', ""), "one: source is missing"),
        (SOUND + "colour = 3", "one: colour is not a known field"),
        (SOUND.replace('"house"', "7"), "one: asset is not a text"),
        (SOUND.replace("2020-01-01", '"2020"'), "one: since and until are days"),
        (SOUND.replace(POINTS, ""), "one: needs exactly one of points"),
        (SOUND + "yield_response = { ky = 1 }", "one: needs exactly one of points"),
        (f"[one]{WORDS}points = [[0, 0], [1]]", "one: points: "),
        (f"[one]{WORDS}points = [[0, 0.2], [1, 0.4]]", "one: points: ratio begins with 0"),
        (f"[one]{WORDS}yield_response = {{ kz = 1 }}", "one: yield_response: "),
        (f'[one]{WORDS}scaled = {{ base = "none@1", factors = "soaked", of = "adobe" }}', "one: scaled: 'none@1'"),
        (f'[one]{WORDS}graded = {{ hazard = "flood", row = "home", at = [0, 1] }}', "one: graded: "),
        (SOUND + 'version = "2"', "one: version is a whole number"),
        (SOUND + "version = true", "one: version is a whole number"),
        (SOUND + 'rising = "no"', "one: version is a whole number, and rising a yes or no"),
        (SOUND + "given = { flood_days = 3 }", "one: given holds spans"),
        (SOUND + "given = 3", "one: given holds spans"),
        (SOUND + 'given = { flood_days = ["a", 3] }', "one: given holds spans"),
        (SOUND + "given = { flood_days = [3, 2] }", "one: the condition on 'flood_days'"),
        (f'[one]{WORDS}graded = {{ hazard = "flood", row = "roof", at = [0, 1] }}', "one: graded: "),
        (SOUND.replace('"cn"', '"mars"'), "one: region 'mars' is not known"),
        (f"[[one]]{WORDS}{POINTS}[[one]]{WORDS}{POINTS}", "one: stands twice in one version"),
    ],
)
def test_what_could_be_misread_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(LibraryInvalid, match=rf"^a\.toml.*{complaint}" if "one" in complaint else complaint):
        found(tmp_path, text)


def test_a_curve_may_be_declared_to_fall(tmp_path: Path) -> None:
    text = f"[one]{WORDS}rising = false\npoints = [[0, 0], [1, 0.4], [2, 0.3]]"
    assert not found(tmp_path, text)["one@1"].rising
    with pytest.raises(LibraryInvalid, match="the mean falls somewhere"):
        found(tmp_path, text.replace("rising = false", ""))


def test_a_curve_may_lean_on_one_before_it(tmp_path: Path) -> None:
    lean = f'[two]{WORDS}scaled = {{ base = "one@1", factors = "soaked", of = "timber" }}'
    assert found(tmp_path, SOUND + lean)["two@1"].curve.ratio.tolist() == [0, 0.8]
    with pytest.raises(LibraryInvalid, match="two: scaled: 'one@1'"):
        found(tmp_path, lean + "\n" + SOUND)


def test_a_curve_stands_in_one_file_only(tmp_path: Path) -> None:
    found(tmp_path, SOUND)
    with pytest.raises(LibraryInvalid, match=r"b\.toml: one: stands twice"):
        found(tmp_path, SOUND, "b.toml")
