"""What may go out by itself, and when: every rule refuses by itself."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine import policy
from anlan.engine.audience.release import GREEN, OBJECTIONS, Case, Rules, objections, quiet_until, rules

TODAY = policy.on(date(2026, 6, 18))
LAID_DOWN = replace(rules(TODAY), signed=True, senders=frozenset({"upstream"}))
RED = Case(
    trusted=True, actual=True, all_clear=False, level=4, hazard="rainstorm", onset_hours=None, edited=False,
    inside=True, recipients=1000, repeated=False, rehearsal=False,
)  # fmt: skip
ORANGE = replace(RED, level=3, hazard="flash_flood", onset_hours=3.0)


@pytest.mark.clause("W2")
@pytest.mark.parametrize("case", [RED, ORANGE, replace(ORANGE, onset_hours=-1.0), replace(RED, onset_hours=40.0)])
def test_a_trusted_red_and_a_near_orange_go_by_themselves(case: Case) -> None:
    assert objections(case, LAID_DOWN) == ()


@pytest.mark.clause("W2")
@pytest.mark.parametrize(
    ("case", "why"),
    [
        (replace(RED, trusted=False), "untrusted"),
        (replace(RED, actual=False), "not_actual"),
        (replace(RED, all_clear=True), "all_clear"),
        (replace(RED, level=2), "level"),
        (replace(RED, level=0), "level"),
        (replace(ORANGE, onset_hours=3.1), "not_near"),
        (replace(ORANGE, onset_hours=None), "not_near"),
        (replace(ORANGE, hazard="rainstorm"), "not_near"),
        (replace(RED, edited=True), "edited"),
        (replace(RED, inside=False), "outside"),
        (replace(RED, recipients=60_001), "too_many"),
        (replace(RED, repeated=True), "repeated"),
    ],
)
def test_each_rule_alone_makes_it_wait_for_a_person_and_is_named(case: Case, why: str) -> None:
    assert objections(case, LAID_DOWN) == (why,)


def test_rules_nobody_signed_let_nothing_out_but_a_rehearsal() -> None:
    unsigned = replace(LAID_DOWN, signed=False)
    assert objections(RED, unsigned) == ("unsigned",)
    assert objections(replace(RED, rehearsal=True), unsigned) == ()


def test_the_rules_are_dated_data_and_the_countys_own_are_unsigned_until_it_signs() -> None:
    found = rules(TODAY)
    assert found == Rules(
        senders=frozenset(), recipients_max=60_000, onset_hours=3,
        onset_hazards=frozenset({"flash_flood", "landslide"}), repeat=timedelta(minutes=30),
        veto=timedelta(minutes=2), ask=timedelta(minutes=5), quiet_from_hour=22,
        quiet_until_hour=6, signed=False,
    )  # fmt: skip
    assert not any(TODAY.parameter(key).verified for key in GREEN)


@settings(max_examples=60)
@given(
    st.booleans(), st.booleans(), st.integers(0, 4), st.sampled_from(["flash_flood", "landslide", "hail"]),
    st.one_of(st.none(), st.floats(-5, 50)), st.integers(0, 100_000), st.booleans(),
)  # fmt: skip
def test_nothing_that_is_not_red_or_orange_ever_goes_by_itself(
    trusted: bool, inside: bool, level: int, hazard: str, onset: float | None, recipients: int, edited: bool
) -> None:
    case = replace(RED, trusted=trusted, inside=inside, level=level, hazard=hazard, onset_hours=onset,
                   recipients=recipients, edited=edited)  # fmt: skip
    against = objections(case, LAID_DOWN)
    assert list(against) == [reason for reason in OBJECTIONS if reason in against]
    if not against:
        assert trusted
        assert inside
        assert not edited
        assert level >= 3
        assert recipients <= 60_000


def at(hour: int, minute: int = 0, day: int = 18) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("moment", "until"),
    [(at(21, 59), None), (at(22), at(6, day=19)), (at(23, 30), at(6, day=19)), (at(0), at(6)), (at(5, 59), at(6)),
     (at(6), None), (at(12), None)],
)  # fmt: skip
def test_between_ten_and_six_yellow_waits_for_the_morning(moment: datetime, until: datetime | None) -> None:
    assert quiet_until(2, 2, moment, LAID_DOWN) == until
    assert quiet_until(1, 2, moment, LAID_DOWN) == until


@pytest.mark.parametrize(("level", "tier"), [(0, 2), (3, 2), (4, 2), (2, 0), (2, 1), (1, 1)])
def test_key_groups_and_orange_and_red_never_wait(level: int, tier: int) -> None:
    assert quiet_until(level, tier, at(23), LAID_DOWN) is None


def test_a_county_may_lay_its_quiet_hours_elsewhere_or_have_none() -> None:
    noon = replace(LAID_DOWN, quiet_from_hour=12, quiet_until_hour=14)
    assert quiet_until(2, 2, at(13), noon) == at(14)
    assert quiet_until(2, 2, at(23), noon) is None
    assert quiet_until(2, 2, at(5), noon) is None
    assert quiet_until(2, 2, at(13), replace(noon, quiet_from_hour=14)) is None
