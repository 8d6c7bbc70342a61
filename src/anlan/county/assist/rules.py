"""The kinds of help and the states of a measure, as data."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.engine.policy import Parameter, Policy
from anlan.engine.values.states import Machine, State

MACHINE = Machine(
    name="measure",
    start="planned",
    states={
        "planned": State("department", "measure", frozenset({"delivering", "delivered", "stopped"})),
        "delivering": State("department", "measure", frozenset({"delivered", "stopped"})),
        "delivered": State("village", "", frozenset({"receipted"})),
        "receipted": State("village"),
        "stopped": State("department"),
    },
)
STATES = {
    "planned": _("已计划"),
    "delivering": _("落实中"),
    "delivered": _("已落实"),
    "receipted": _("已签收"),
    "stopped": _("已终止"),
}
BUTTONS = {"delivering": _("开始落实"), "delivered": _("已按计划落实"), "receipted": _("农户已签收")}
PENDING = ("planned", "delivering")
NEEDS = {"eat": _("有饭吃"), "drink": _("有水喝"), "wear": _("有衣穿"), "live": _("有住处"), "treat": _("有病能医")}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of help, as `catalogue.toml` tells it."""

    key: str
    name: str
    name_en: str
    clause: str
    axis: str
    owner: str
    support: tuple[str, ...]
    days: float = 0.0
    days_key: str = ""
    unit_yuan: float = 0.0
    yuan_key: str = ""
    yuan_times: str = ""
    per: str = ""
    need: str = ""
    propose: bool = False
    hazards: tuple[str, ...] = ()
    loan: bool = False
    limit_key: str = ""
    milestones: tuple[tuple[str, float], ...] = ()

    @property
    def title(self) -> str:
        """Its name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name

    def length(self, policy: Policy) -> timedelta:
        """How long its owner has."""
        return timedelta(days=policy.number(self.days_key) if self.days_key else self.days)

    def amount_yuan(self, people: int, policy: Policy) -> float:
        """What a household of so many people gets."""
        unit = policy.number(self.yuan_key) if self.yuan_key else self.unit_yuan
        times = policy.number(self.yuan_times) if self.yuan_times else 1.0
        return unit * times * (people if self.per == "person" else 1)

    def parameters(self, policy: Policy) -> list[Parameter]:
        """The policy's figures behind its days and amount, with their sources."""
        keys = (self.days_key, self.yuan_key, self.yuan_times, self.limit_key)
        return [policy.parameter(key) for key in keys if key]

    def schedule(self, start: datetime, due: datetime) -> list[tuple[str, datetime]]:
        """Its milestones counted back from the day it must be done (倒排工期)."""
        return [(name, due - (due - start) * (1.0 - share)) for name, share in self.milestones]


def _read() -> Mapping[str, Kind]:
    tables = tomllib.loads((Path(__file__).parent / "catalogue.toml").read_text())
    return {key: _kind(key, table) for key, table in tables.items()}


def _kind(key: str, table: dict[str, object]) -> Kind:
    values = {name: _frozen(value) for name, value in table.items()}
    return Kind(key=key, **values)  # type: ignore[arg-type]  # a wrong table is a TypeError at the first import


def _frozen(value: object) -> object:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


CATALOGUE: Mapping[str, Kind] = _read()


def proposed(axes: Sequence[str], hazards: Sequence[str]) -> list[str]:
    """The kinds offered for broken axes, in the catalogue's order; `hazards` is the event's hazard and its root."""
    return [
        kind.key
        for kind in CATALOGUE.values()
        if kind.propose and kind.axis in axes and (not kind.hazards or not set(kind.hazards).isdisjoint(hazards))
    ]


def subject(event_code: str, household_code: str, kind: str) -> str:
    """What the ledger and the clocks call a measure."""
    return f"measure:{event_code}/{household_code}/{kind}"
