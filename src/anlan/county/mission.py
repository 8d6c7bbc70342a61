"""The mission, as data: the rooms of the house in the order in which the county's plan runs.

`INSTALLED_APPS`, the import contract, the menu and the docs all follow `ROOMS`;
`tests/architecture/test_mission.py` keeps them equal.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Room:
    """One step of the mission: a Django app named `anlan.county.<name>`."""

    name: str
    title: str | Promise
    purpose: str


ROOMS: tuple[Room, ...] = (
    Room("ledger", _("台账"), "Who did what to what, when and why: append-only, hash-chained."),
    Room("office", _("组织"), "Divisions, departments, duties and their holders, roles, clocks."),
    Room("registry", _("农户"), "Households, their people, homes, land, income and water."),
    Room("dispatch", _("发送"), "One message to one contact: outbox, channels, receipts."),
    Room("sense", _("感知"), "Hazards coming in: alerts, gauges, events."),
    Room("foresee", _("研判"), "Which households an event hits, how hard, in which order."),
    Room("warn", _("预警"), "Who is told what, who approved it, who was not reached."),
    Room("discover", _("发现"), "Three doors into one lead per household and event."),
    Room("verify", _("核实"), "Visits and checks that turn a lead into a finding."),
    Room("decide", _("认定"), "Review, publicity, township, county: under monitoring, or not."),
    Room("assist", _("帮扶"), "Measures planned, delivered and receipted."),
    Room("clear", _("消除"), "Is the risk gone? Follow-up, and the chain that clears it."),
    Room("account", _("考核"), "Nobody missed, nobody late: balances, clocks, reports."),
    Room("desk", _("工作台"), "Screens across rooms: home, map, household page."),
    Room("drill", _("演练"), "A synthetic county, a storm, and the people who live through it."),
)

NAMES: tuple[str, ...] = tuple(room.name for room in ROOMS)
