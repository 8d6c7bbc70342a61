"""State machines."""

import pytest

from anlan.engine.values.states import Machine, State, WrongState

MACHINE = Machine(
    name="lead",
    start="open",
    states={
        "open": State("township", "clock_intake_days", frozenset({"closed", "taken_in"})),
        "taken_in": State("village", after=frozenset({"closed"})),
        "closed": State("village"),
    },
)


def test_a_move_of_the_machine_is_allowed() -> None:
    MACHINE.check("open", "taken_in")


@pytest.mark.parametrize(("before", "after"), [("taken_in", "open"), ("closed", "open"), ("open", "open")])
def test_any_other_move_is_refused_by_name(before: str, after: str) -> None:
    with pytest.raises(WrongState, match=f"lead: {before} → {after}"):
        MACHINE.check(before, after)


def test_the_ends_are_the_states_nothing_follows() -> None:
    assert MACHINE.ends() == {"closed"}


@pytest.mark.parametrize("start", ["open", "begun"])
def test_a_machine_that_names_an_unknown_state_is_not_built(start: str) -> None:
    with pytest.raises(ValueError, match="unknown states"):
        Machine("broken", start, {"open": State("village", after=frozenset({"nowhere"}))})


def test_the_diagram_shows_every_state_move_and_clock() -> None:
    lines = MACHINE.mermaid().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> open"]
    assert "    open: open · township (clock_intake_days)" in lines
    assert "    taken_in: taken_in · village" in lines
    assert "    open --> taken_in" in lines
    assert "    closed --> [*]" in lines
    assert "    open --> [*]" not in lines
