"""One defect a document: what must be refused is refused, what must be flagged is flagged, and nothing else is."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.county.sense.feeds.mutants import GOOD, POLYGON, mutants

from anlan.county.sense.feeds.cap.geometry import _convex, polygon
from anlan.county.sense.feeds.cap.parse import parse

MUTANTS = mutants()
BYTES = GOOD.encode()
VERDICTS = {"accepted", "flagged", "rejected"}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_gets_its_verdict_for_its_reason(mutant):
    parsed = parse(mutant.data)
    assert (parsed.verdict, mutant.code in {"", *parsed.codes}) == (mutant.verdict, True), parsed.findings
    assert (parsed.alert is None) == (mutant.verdict == "rejected")
    assert all(str(finding) for finding in (*parsed.findings, *parsed.notes))


def test_there_are_enough_of_them_and_no_two_alike():
    assert len(MUTANTS) >= 100
    assert len({mutant.name for mutant in MUTANTS}) == len({mutant.data for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("name", "notes"),
    [("good", []), ("test", ["status-test"]), ("exercise", ["status-exercise"]),
     ("own_sent_in_reference", ["references-own-sent"])],
)  # fmt: skip
def test_what_is_only_noted_changes_no_verdict(name, notes):
    parsed = parse(next(mutant.data for mutant in MUTANTS if mutant.name == name))
    assert (parsed.verdict, [note.code for note in parsed.notes]) == ("accepted", notes)


def test_of_colour_grade_and_severity_the_highest_counts():
    levels = {mutant.name: parse(mutant.data).alert.level for mutant in MUTANTS if mutant.code == "level-mismatch"}
    assert levels == {"colour_below_severity": 4, "grade_against_colour": 4, "gravity_against_grade": 4}


def test_a_crossing_border_is_told_by_its_place():
    bow = next(mutant for mutant in MUTANTS if mutant.name == "polygon_bow_tie")
    assert "Self-intersection[28.5 115.5]" in str(parse(bow.data).findings[0])


def test_many_blocks_and_endless_borders_take_bounded_time():
    comb = [f"{y:.4f},{x:.4f}" for n in range(40_000) for y, x in [((-40, -40) if n % 2 else (20, 20))]]
    begun = time.process_time()
    large = parse(GOOD.replace(POLYGON, " ".join([*comb, comb[0]])).encode())
    assert large.codes == ["polygon-large"]
    for blocks in ("".join(f"<info><event>{n}</event></info>" for n in range(60_000)), "<info/>" * 500_000):
        assert parse(GOOD.replace("</alert>", blocks + "</alert>").encode()).codes == ["exception:elements"]
    for blocks in ("<info/>" * 4900, "<info><area/></info>" * 2400):
        assert parse(GOOD.replace("</alert>", blocks + "</alert>").encode()).verdict == "rejected"
    assert time.process_time() - begun < 20


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=9))
def test_the_short_way_to_a_sound_border_never_says_more_than_the_long_one(corners):
    import shapely

    closed = [*corners, corners[0]]
    lats, lons = ([float(corner[axis]) for corner in closed] for axis in (0, 1))
    if _convex(lats, lons):
        assert shapely.Polygon(closed).is_valid
    drawn = polygon(" ".join(f"{lat},{lon}" for lat, lon in closed))
    assert ("polygon-invalid" not in drawn.faults) == shapely.Polygon(closed).is_valid


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BYTES)), st.integers(0, 30), st.binary(max_size=10)), max_size=6))
def test_a_document_damaged_in_several_places_gets_a_verdict(cuts):
    data = BYTES
    for place, length, inserted in cuts:
        data = data[:place] + inserted + data[place + length :]
    parsed = parse(data)
    assert parsed.verdict in VERDICTS
    assert all(str(finding) for finding in (*parsed.findings, *parsed.notes))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.sampled_from(["\0", "\ufffe", "<", ">", "&", '"', "]]>", "<!--", "<?", "𠀀"]))
def test_a_sign_out_of_place_gets_a_verdict(place, sign):
    assert parse((GOOD[:place] + sign + GOOD[place:]).encode()).verdict in VERDICTS


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789+-.,eE \n", max_size=80))
def test_any_numbers_at_all_make_a_polygon_or_a_fault(text):
    drawn = polygon(text)
    assert drawn.ring is not None or drawn.faults
    assert drawn.ring is None or (len(drawn.ring) >= 4 and drawn.ring[0] == drawn.ring[-1])
    assert json.dumps(drawn.ring, allow_nan=False)


def test_a_document_is_judged_alike_whatever_came_before_it():
    alone = {mutant.name: parse(mutant.data) for mutant in MUTANTS}
    for broken in (b"<alert", BYTES[:-20], BYTES.replace(b"<sent>", b"<sent>x"), b"\xff\xfe\x00"):
        for mutant in MUTANTS[::7]:
            parse(broken)
            assert parse(mutant.data) == alone[mutant.name], mutant.name


def test_many_threads_judge_at_once():
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(parse, [mutant.data for mutant in MUTANTS for _again in range(4)]))
    assert found == [parse(mutant.data) for mutant in MUTANTS for _again in range(4)]


@pytest.mark.parametrize(("name", "value", "shifted"), [
    ("datum", "BD-09", True), ("gcj02", "", True), ("", "高德地图", True),
    ("gcj", "02", False), ("bd", "-09", False), ("sent", "2026-02-09", False), ("", "高度 09 米", False),
])  # fmt: skip
def test_coordinates_are_shifted_where_one_text_says_so(name, value, shifted):
    words = f"<parameter><valueName>{name}</valueName><value>{value}</value></parameter><area>"
    assert ("datum-shifted" in parse(GOOD.replace("<area>", words, 1).encode()).codes) == shifted
