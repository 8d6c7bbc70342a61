"""Walking a statutory chain: may this person make this move, and which clocks stop and start with it.

Shared by the decision and by the clearance, which go through the same chain.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from anlan.county.errors import Refused
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.engine.policy import Policy
from anlan.engine.values.states import Machine, State, WrongState


class OutOfOrder(Refused):
    """The chain has no such move from where the thing stands."""


class AlreadyMoved(Refused):
    """Someone else moved it since this person looked."""


class PublishedTooBriefly(Refused):
    """The publicity has not lasted its minimum."""


class Unexplained(Refused):
    """A move that must say why, and does not."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing on its way from a state to the next."""

    about: str
    event_code: str
    division: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A machine with the permission each of its owners needs."""

    machine: Machine
    permissions: Mapping[str, str]

    def check(self, passages: Iterable[Passage], by: User) -> None:
        """Raise OutOfOrder or NotAllowed unless this person may make every one of these moves."""
        for before, after in {(each.before, each.after) for each in passages}:
            try:
                self.machine.check(before, after)
            except (WrongState, KeyError) as error:
                raise OutOfOrder(_("现在的环节不能这样流转，请刷新页面后再试。")) from error
        for before, division in {(each.before, each.division) for each in passages}:
            check(by, self.permissions[self.machine.states[before].owner], division)

    def start(self, things: Sequence[Passage], *, at: datetime, policy: Policy) -> None:
        """Start the clocks of the states these things came into."""
        groups: dict[tuple[str, str], list[Passage]] = defaultdict(list)
        for each in things:
            groups[each.after, each.event_code].append(each)
        for (name, event_code), group in groups.items():
            state = self.machine.states[name]
            if state.clock:
                start_clocks(
                    kind=clock_kind(state), things=[(each.about, each.division) for each in group], unit=state.owner,
                    event_code=event_code, at=at, due_at=at + timedelta(days=policy.number(state.clock)),
                    lower=self._is_minimum(name),
                )  # fmt: skip

    def stop(self, things: Sequence[Passage], *, at: datetime) -> None:
        """Stop the clocks of the states these things left."""
        for name in {each.before for each in things}:
            left = [each for each in things if each.before == name]
            if self._is_minimum(name):
                self._waive(name, [each for each in left if _is_broken_off(self.machine, each)], at)
            stop_clocks(kind=clock_kind(self.machine.states[name]), abouts=[each.about for each in left], at=at)

    def _is_minimum(self, name: str) -> bool:
        return self.machine.states[name].clock.endswith("_min_days")

    def _waive(self, name: str, things: Sequence[Passage], at: datetime) -> None:
        """A publicity that an objection breaks off was not cut short by anyone: its minimum ends here."""
        state = self.machine.states[name]
        for event_code in {each.event_code for each in things}:
            group = [(each.about, each.division) for each in things if each.event_code == event_code]
            start_clocks(
                kind=clock_kind(state), things=group, unit=state.owner, event_code=event_code, at=at, due_at=at,
                lower=True,
            )  # fmt: skip


def clock_kind(state: State) -> str:
    """The kind of a state's clock: `clock_town_days` → `town`, `clock_publicity_min_days` → `publicity`."""
    return state.clock.removeprefix("clock_").removesuffix("_days").removesuffix("_min")


def _is_broken_off(machine: Machine, passage: Passage) -> bool:
    return machine.states[passage.after].owner == machine.states[passage.before].owner
