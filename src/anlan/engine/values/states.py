"""State machines as data: every state has an owner and, where time presses, a clock."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """A state: who must act in it, and the policy parameter that limits how long (days; empty for none)."""

    owner: str
    clock: str = ""
    after: frozenset[str] = frozenset()  # the states that may follow; none: the end
    over: bool = False  # the thing is done here, though something may open it again


class WrongState(ValueError):
    """A move that the machine does not have."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A named set of states with their allowed moves."""

    name: str
    start: str
    states: Mapping[str, State]

    def __post_init__(self) -> None:
        named = {self.start}.union(*(state.after for state in self.states.values()))
        if unknown := named - set(self.states):
            raise ValueError(f"{self.name}: unknown states {sorted(unknown)}")

    def check(self, before: str, after: str) -> None:
        """Raise WrongState unless the machine has this move."""
        if after not in self.states[before].after:
            raise WrongState(f"{self.name}: {before} → {after}")

    def ends(self) -> frozenset[str]:
        """States in which a thing is done: nothing follows, or only what opens it again."""
        return frozenset(name for name, state in self.states.items() if state.over or not state.after)

    def mermaid(self) -> str:
        """The diagram, for the docs."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        for name, state in self.states.items():
            clock = f" ({state.clock})" if state.clock else ""
            lines.append(f"    {name}: {name} · {state.owner}{clock}")
            lines += [f"    {name} --> {following}" for following in sorted(state.after)]
            lines += [f"    {name} --> [*]"] if name in self.ends() else []
        return "\n".join(lines)
