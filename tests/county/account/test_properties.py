"""What holds for any report, any county, and any two events at once."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.county.cases import entered, found, lead, move
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.account import alarm
from anlan.county.account.balance import Standing, coverage
from anlan.county.account.documents import after_action as word
from anlan.county.account.queries import after_action, breaches, parts
from anlan.county.account.rules import CAUSES, DISPOSED, GROUPS, OPEN, UNACCOUNTED, UNITS, WORDS
from anlan.county.account.telling import blocks
from anlan.county.decide.rules import MACHINE
from anlan.county.discover.actions import open_sweeps
from anlan.county.foresee.models import Run
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import Department
from anlan.county.office.queries import machine
from anlan.county.sense.models import Event
from anlan.engine.audience.groups import GROUPS as ENGINE_GROUPS

MOMENT = datetime(2026, 6, 18, tzinfo=UTC)
COUNTS = st.integers(0, 10_000)
STANDINGS = st.builds(
    Standing,
    code=st.integers(0, 99_999).map(lambda serial: f"{VILLAGES[0]}{serial:05d}"),
    division=st.sampled_from(VILLAGES),
    where=st.sampled_from([*DISPOSED, *OPEN, UNACCOUNTED]),
)


@pytest.mark.clause("M2")
@settings(max_examples=50, deadline=None)
@given(found=st.lists(STANDINGS, max_size=60))
def test_the_sum_closes_for_any_standings_and_does_not_care_for_their_order(found):
    covered = coverage(found)
    assert covered.exposed == len(found) == covered.disposed_total + covered.open_total + covered.unaccounted
    assert covered.closes == (covered.unaccounted == 0)
    assert coverage(reversed(found)) == covered
    assert sum(number for _title, number in parts(covered)) == covered.exposed - covered.unaccounted
    if found:
        assert coverage(found[1:]).sha != covered.sha


def body(counts, minutes, share):
    """A report's body with these figures in it."""
    a, b, c = counts
    side = {"targeted": a, "delivered": b, "acknowledged": c}
    return {
        "exposed": a,
        "warning": {**side, "unreached": c, "t50_min": minutes, "t90_min": None, "by_group": {"alone": side}},
        "discovery": {"leads": a, "by_door": {"self": b, "elsewhere": c}, "merged": c},
        "decisions": {"monitored": a, "rejected": b, "open": c, "by_category": {"marginal": b, "new": c}},
        "assistance": {"planned": a, "delivered": b, "receipted": c, "yuan": 1.5 * a,
                       "by_kind": {"shelter": {"planned": a, "delivered": b, "receipted": c, "yuan": 0.0}}},
        "clearance": {"open": a, "cleared": b},
        "coverage": {"exposed": a + b + c, "disposed": {"entered": a}, "open": {"case": b}, "unaccounted": c,
                     "sha": "0" * 64},
        "truth": {"at_risk": a, "found": b, "missed": c, "recall": share, "precision": share, "visits": a,
                  "missed_why": {"not_reached": c}, "at_risk_by_axis": {"income": a, "luck": b}},
        "clocks": {"breaches": a, "by_unit": {"village": b, "water": c}, "names": {}},
        "ledger": {"entries": a, "verified": bool(b)},
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    counts=st.tuples(COUNTS, COUNTS, COUNTS),
    minutes=st.one_of(st.none(), st.floats(0, 1e4)),
    share=st.one_of(st.none(), st.floats(0, 1)),
)
def test_any_figures_can_be_told(counts, minutes, share):
    for block in blocks(body(counts, minutes, share)):
        assert block.title
        assert block.sentences
        assert all(len(row) == len(block.header) for row in block.rows)
        assert all(text for row in block.rows for text in row[:2])
        assert all("%(" not in sentence for sentence in block.sentences)
        assert all(0 <= line.percent <= 100 for line in block.labelled)


@settings(max_examples=5, deadline=None)
@given(counts=st.tuples(COUNTS, COUNTS, COUNTS))
def test_any_report_becomes_a_word_file_with_every_row(counts):
    told = body(counts, None, None)
    report = SimpleNamespace(body=told, sha="a" * 64, made_at=MOMENT, event=SimpleNamespace(title="暴雨"))
    document = Document(BytesIO(word(report)))
    assert sum(len(table.rows) - 1 for table in document.tables) == sum(len(block.rows) for block in blocks(told))


def township(households, monitored, expected):
    lines = {"alarm_households_min": 100.0, "alarm_share_min": 0.03}
    rules = SimpleNamespace(number=lines.__getitem__)
    return alarm._township(SimpleNamespace(code="360123101000", name="x"), households, monitored, expected, rules)


@pytest.mark.clause("P3")
@settings(max_examples=50, deadline=None)
@given(
    households=st.integers(1, 20_000), monitored=st.integers(0, 500), expected=st.floats(0, 500),
    more=st.integers(0, 99),
)  # fmt: skip
def test_more_fallen_homes_never_silence_the_alarm(households, monitored, expected, more):
    before, after = township(households, monitored, expected), township(households, monitored + more, expected)
    assert set(before.alarms) - {"expected"} <= set(after.alarms)
    if before.alarms:
        assert after.alarms
    assert 0 <= before.share <= before.expected_share
    assert ("number" in before.alarms) == (monitored >= 100)
    assert ("share" in before.alarms) == (monitored / households >= 0.03)


@pytest.mark.clause("M2")
def test_two_events_over_the_same_homes_are_two_balances(storm, now):
    open_sweeps(event=storm.event, by=machine())
    entered(storm.event, storm.household(0, 5))
    second = Event.objects.create(
        code="EV20260701-drought-1", title="干旱", hazard="drought", opened_at=clock.now(), issued_at=clock.now(),
        codes=["360123000000"],
    )  # fmt: skip
    lead(second, storm.household(0, 5), storm.household(0, 4))
    first, other = after_action(storm.event, clock.now()), after_action(second, clock.now())
    assert (first["exposed"], other["exposed"]) == (20, 2)
    assert (first["coverage"]["disposed"], other["coverage"]["disposed"]) == ({"entered": 1}, {})
    assert other["coverage"]["open"] == {"lead": 2}
    assert other["decisions"]["monitored"] == 0
    assert first["coverage"]["sha"] != other["coverage"]["sha"]


def test_nobody_leaves_the_balance_because_a_later_run_is_smaller(storm, now):
    lead(storm.event, storm.household(0, 1))
    assert after_action(storm.event, now)["exposed"] == 20
    Run.objects.create(
        event=storm.event, made_at=now + timedelta(hours=1), method="test", policy_day=now.date(), basis="gauges",
        digest="0" * 64,
    )  # fmt: skip
    assert after_action(storm.event, now)["exposed"] == 20


@pytest.mark.clause("A2", "D6")
@pytest.mark.parametrize(
    ("lower", "stopped_h", "broken"), [(False, None, True), (False, 1, False), (False, 30, True), (True, 1, True)]
)
def test_a_clock_is_charged_once_to_the_unit_that_let_it_run(county, now, lower, stopped_h, broken):
    start_clocks(
        kind="visit", things=[("lead:EV1/h", VILLAGES[0])], unit="village", at=now, due_at=now + timedelta(hours=24),
        event_code="EV1", lower=lower,
    )  # fmt: skip
    if stopped_h is not None:
        stop_clocks(kind="visit", abouts=["lead:EV1/h"], at=now + timedelta(hours=stopped_h))
    told = breaches("EV1", now + timedelta(hours=48))
    wanted = {"breaches": 1, "by_unit": {"village": 1}, "by_kind": {"visit": 1}}
    assert told == (wanted if broken else {"breaches": 0, "by_unit": {}, "by_kind": {}})


def test_a_case_in_any_state_is_either_settled_or_open(storm):
    case = found(storm.event, storm.household(0, 5))[0]
    move("publicity", case)
    for state in MACHINE.states:
        type(case).objects.filter(pk=case.pk).update(state=state, category="marginal", reasons=["x"])
        told = after_action(storm.event, clock.now())
        settled = state in MACHINE.ends()
        assert told["coverage"]["disposed"].get(state, 0) == int(settled)
        assert told["coverage"]["open"].get("case", 0) == int(not settled)


def test_every_word_of_the_balance_and_the_report_is_there(county):
    assert set(WORDS) == {*DISPOSED, *OPEN, UNACCOUNTED}
    assert set(GROUPS) == set(ENGINE_GROUPS)
    assert not set(UNITS) & set(Department.objects.values_list("key", flat=True))
    assert all(str(word) for words in (WORDS, GROUPS, UNITS, CAUSES) for word in words.values())
