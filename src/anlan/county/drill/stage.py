"""What the players of a drill share: the world, and where it meets the county's records."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np

from anlan.county.drill.chance import chance
from anlan.county.drill.households import Flags, Floats, Households, Ints, households
from anlan.county.drill.network import Network, draw_network
from anlan.county.drill.place import Village, county, villages
from anlan.county.drill.requests import Request
from anlan.county.drill.scenario import Scenario
from anlan.county.drill.synthetic import phone
from anlan.county.drill.truth import Field, Truth, draw_field, suffer
from anlan.county.drill.workbook import households_of, villages_of
from anlan.county.foresee import doors
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Appointment, User
from anlan.county.registry.models import Household
from anlan.county.registry.queries import columns
from anlan.county.sense.models import Event
from anlan.engine import policy

HIT_SHARE = 0.05  # of a year's income: a household that lost more calls itself hit
LITTLE_SHARE = 0.005  # any loss that can be seen: by so little a household at the line falls below it
HARD_SHARE = 0.25  # more than this, and a visitor calls it harm whatever is left
NEAR_LINE = 1.5
LOOKS = 3
ESTIMATE_SD = 0.08
NEIGHBOURS_TELL = 0.9
OBJECTS = 0.6
PHONE_PREFIX = "100"


@dataclass(frozen=True, slots=True)
class Luck:
    """Who reads, hears, answers, reports and when: drawn once, whatever the rooms do."""

    reads: Flags
    hears: Flags
    answers: Flags
    delivery_s: Floats
    answer_min: Floats
    report_day: Ints  # 0: never reports
    exaggeration: Floats
    misjudged: Flags  # (LOOKS, households): another visitor may see what the first one did not
    absent: Flags
    estimate: Floats  # (LOOKS, households): a visitor's estimate of income, against the truth
    told_of: Flags  # the neighbours name it, though the registry does not
    objects: Flags  # says so when judged unharmed though it was hit


class Stage:
    """One drill's world beside its county's records. Built again, the same, when a killed drill goes on."""

    def __init__(self, request: Request, scenario: Scenario) -> None:
        self.request = request
        self.scenario = scenario
        self.world = request.world
        assert scenario.start is not None  # noqa: S101 (a real alert's scenario is given its start when read)
        self.start: datetime = scenario.start
        self.line_yuan = policy.on(self.start.date()).number("monitoring_line_yuan")
        self.villages: list[Village] = self._villages()
        self.field: Field = draw_field(request.seed, scenario, self.world)
        self._listed: tuple[int, doors.Listed] = (0, doors.NOBODY)
        self.heard: dict[str, Flags] | None = None  # by each way, once it has been asked

    def _villages(self) -> list[Village]:
        if self.request.registry:
            return villages_of(Path(self.request.registry), self.start.date())
        return villages(self.request.seed, self.request.households)

    @cached_property
    def households(self) -> Households:
        """What is true of every household: drawn, or the registry's own seen through the world's errors."""
        if self.request.registry:
            known = columns([county()["code"]], self.start.date())
            return households_of(known, self.request.seed, self.villages, self.world)
        return households(self.request.seed, self.villages, self.world, self.line_yuan)

    @cached_property
    def income_yuan(self) -> Floats:
        """True net income over twelve months, before the event."""
        return self.households.income_yuan

    @cached_property
    def truth(self) -> Truth:
        """What the event does to them."""
        request = self.request
        return suffer(request.seed, self.scenario, self.world, self.field, self.households, self.villages)

    def at(self, **delta: float) -> datetime:
        """A moment counted from the scenario's start."""
        return self.start + timedelta(**delta)

    @cached_property
    def luck(self) -> Luck:
        """Everybody's luck."""
        world, people = self.world, self.households
        luck = chance(self.request.seed, "luck")
        count = len(people.size)
        over_60 = people.head_age >= 60
        reads = np.where(over_60, world["people", "reads_sms_over_60"], world["people", "reads_sms"])
        reports = np.where(self.hit, world["people", "reports_if_hit"], world["people", "reports_if_not"])
        return Luck(
            reads=luck.random(count) < reads,
            hears=luck.random(count) < world["people", "hears_loudspeaker"],
            answers=luck.random(count) < world["people", "acknowledges"],
            delivery_s=np.round(luck.lognormal(2.0, 0.8, count), 3),
            answer_min=np.round(luck.lognormal(2.5, 0.9, count), 3),
            report_day=np.where(luck.random(count) < reports, np.minimum(luck.geometric(0.35, count), 12), 0),
            exaggeration=luck.lognormal(0, world["people", "exaggeration_sd"], count),
            misjudged=luck.random((LOOKS, count)) < world["cadres", "misjudges"],
            absent=people.moved & (luck.random(count) < 0.6),
            estimate=luck.lognormal(0, ESTIMATE_SD, (LOOKS, count)),
            told_of=luck.random(count) < NEIGHBOURS_TELL,
            objects=luck.random(count) < OBJECTS,
        )

    @cached_property
    def hit(self) -> Flags:
        """Whom the event truly hit, warned or not: what a household would say of itself."""
        loss = self.truth.loss_yuan(np.zeros(len(self.households.size), dtype=bool))
        large = loss > HIT_SHARE * np.maximum(self.income_yuan, 1)
        return np.asarray(large | self.truth.home_unsafe | self.truth.water_unsafe)

    @cached_property
    def in_need(self) -> Flags:
        """Whom a visitor who sees everything would call harmed: hit, and hard, or anywhere near the line by it.

        Where hardly anything is left above the line, any loss is written down.
        """
        loss = self.truth.loss_yuan(np.zeros(len(self.households.size), dtype=bool))
        left, share = (self.income_yuan - loss) / self.households.size, loss / np.maximum(self.income_yuan, 1)
        near, hard = left < NEAR_LINE * self.line_yuan, share > HARD_SHARE
        at_the_line = (left < (1 + ESTIMATE_SD) * self.line_yuan) & (share > LITTLE_SHARE)
        unsafe = self.truth.home_unsafe | self.truth.water_unsafe
        return np.asarray(self.hit & (near | hard | unsafe) | at_the_line)

    def listing(self, unharmed: Collection[int]) -> list[tuple[int, str]]:
        """Whom the latest lesson would visit, the most probable first: (household id, village)."""
        run = latest(self.event)
        if run is None:
            return []
        if run.pk != self._listed[0]:
            self._listed = (run.pk, doors.listed(run))
        about = doors.lesson(run)
        order = doors.order(self._listed[1], about, unharmed).worth(about.first if about else 0.0, unharmed)
        return list(zip(order.id.tolist(), order.village.tolist(), strict=True))

    @cached_property
    def event(self) -> Event:
        """The drill's event, once a player has opened it."""
        return Event.objects.order_by("id").first() or self._missing()

    @staticmethod
    def _missing() -> Event:
        raise LookupError("the drill has no event yet")

    @cached_property
    def officers(self) -> dict[str, list[User]]:
        """People in office by role, in the order of their divisions and names."""
        found: dict[str, list[User]] = {}
        for held in Appointment.objects.select_related("user").order_by("division_id", "user__username"):
            found.setdefault(held.role, []).append(held.user)
        return found

    @cached_property
    def townships(self) -> dict[str, User]:
        """The officer of each township by its nine digits."""
        return self._by_place("township_officer", 9)

    @cached_property
    def cadres(self) -> dict[str, list[User]]:
        """The cadres of each village by its twelve digits."""
        found: dict[str, list[User]] = {}
        for user, division in self._held("village_cadre"):
            found.setdefault(division, []).append(user)
        return found

    def _by_place(self, role: str, digits: int) -> dict[str, User]:
        return {division[:digits]: user for user, division in self._held(role)}

    @staticmethod
    def _held(role: str) -> list[tuple[User, str]]:
        held = Appointment.objects.filter(role=role).select_related("user").order_by("division_id", "user__username")
        return [(appointment.user, appointment.division_id) for appointment in held]

    def officer(self, role: str) -> User:
        """The first person in a role."""
        return self.officers[role][0]

    @cached_property
    def ids(self) -> Ints:
        """Each household's id in the registry, 0 where it is not known there."""
        if self.request.registry:
            return np.array(Household.objects.order_by("code").values_list("id", flat=True), dtype=int)
        codes = dict(Household.objects.filter(registered=True).values_list("code", "id"))
        numbers = zip(self.households.village.tolist(), self.households.serial.tolist(), strict=True)
        known = np.array([codes.get(f"{self.villages[v].code}{s:05d}", 0) if s else 0 for v, s in numbers])
        for number, found in Household.objects.filter(registered=False).values_list("phone", "id"):
            known[int(number.removeprefix(PHONE_PREFIX))] = found
        return known

    @cached_property
    def index_of(self) -> dict[int, int]:
        """A household's place in the world by its id in the registry."""
        return {found: index for index, found in enumerate(self.ids.tolist()) if found}

    def know(self, index: int, household_id: int) -> None:
        """A household the registry did not know has been enrolled."""
        self.ids[index] = household_id
        self.index_of[household_id] = index

    def phone(self, index: int) -> str:
        """The telephone number of a household of the world."""
        return phone(index)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """A household's place in the world by a telephone number of one's own registry."""
        known = Household.objects.exclude(phone="").order_by("-code").values_list("phone", "id")
        return {number: self.index_of[found] for number, found in known if found in self.index_of}

    def answering(self, address: str) -> int | None:
        """Whose telephone rings at this number: a place in the world."""
        if self.request.registry:
            return self._numbers.get(address)
        return int(address.removeprefix(PHONE_PREFIX)) if address.startswith(PHONE_PREFIX) else None

    @cached_property
    def network(self) -> Network:
        """What the carrier and the loudspeakers do this time."""
        return draw_network(self.request.seed, self.world, len(self.households.size), len(self.villages))

    @cached_property
    def arrives(self) -> Flags:
        """To whom a message or a call gets that has been handed over."""
        return np.asarray(self.households.phone_works & ~self.network.refused & ~self.network.swallowed)

    @cached_property
    def quiet(self) -> frozenset[str]:
        """Villages whose records arrive late for want of signal."""
        luck = chance(self.request.seed, "signal")
        share = self.world["cadres", "villages_without_signal"]
        return frozenset(village.code for village in self.villages if luck.random() < share)

    def cut_off(self, village: str) -> bool:
        """Whether no road leads to a village in the first days."""
        luck = chance(self.request.seed, "cut off", village)
        return bool(luck.random() < self.world["cadres", "villages_cut_off"])

    @property
    def worst_at(self) -> datetime:
        """When the worst comes: who is told later loses what the others lose."""
        return self.at(hours=self.scenario.field["hours_to_peak"] + self.truth.onset_shift_h)
