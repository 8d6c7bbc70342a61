"""What the household page and the map page put together out of what the queries found."""

from typing import Any

from django.contrib.staticfiles import finders

from anlan.county import clock
from anlan.county.desk import maps, words
from anlan.county.desk.context import address, page
from anlan.county.desk.queries import Story
from anlan.county.desk.timeline import timeline
from anlan.county.office.models import User
from anlan.county.registry import quality
from anlan.county.registry.models import Household
from anlan.county.registry.shelters.queries import refuge, refuges
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding
from anlan.engine.quality import RULES

AXES = ("food", "clothing", "schooling", "medical")


def household(told: Story, user: User) -> dict[str, Any]:
    """The household page."""
    today, place = clock.today(), told.household.division_id
    return {
        "household": told.household,
        "told": told,
        "threads": [_thread(told, event, user) for event in told.events],
        "standing": [each for each in told.categories if each.until is None or each.until > today],
        "running": [each for each in told.clocks if each.stopped_at is None],
        "findings": [_judged(visit.finding, told) for visit in told.visits if hasattr(visit, "finding")],
        "moments": timeline(told),
        "faults": [(RULES[each.rule], quality.title(RULES[each.rule]), each) for each in _faults(told)],
        "life_url": page(user, "registry:life", told.household.code) if told.household.closed_on is None else "",
        "may_call": user.may("verify.visit", place) or user.may("warn.acknowledge", place),
        "sees_health": user.may("registry.health", place),
        "may_unmask": user.may("registry.unmask", place),
        "reasons": words.UNMASKING,
        "refuge": refuge(refuges([place]), place, told.household.group_no),
        "registry_url": address("registry:home"),
        "full_address": told.household.address if told.household.division.name in told.household.address else "",
        **_income(told),
    }


def _faults(told: Story) -> list[quality.Fault]:
    """What the rules of data quality find in this household."""
    found = Household.objects.within(told.household.division_id).filter(pk=told.household.pk)
    return quality.check(found, clock.today()).examples


def _thread(told: Story, event: Event, user: User) -> dict[str, Any]:
    thread = told.thread(event)
    measures = thread["measures"]
    helped = bool(measures) and all(each.delivered_at or each.state == "stopped" for each in measures)
    owner = thread["case"] or thread["lead"]
    names = (event.code, owner.household.code if owner else told.household.code)  # it may have begun under another code
    links = {
        "lead_url": "discover:lead" if thread["lead"] else "",
        "finding_url": "verify:finding" if hasattr(thread["visit"], "finding") else "",
        "case_url": "decide:case" if thread["case"] else "",
        "plan_url": "assist:plan" if measures else "",
        "episode_url": "clear:episode" if thread["episode"] else "",
    }
    urls = {key: page(user, name, *names) for key, name in links.items()}
    return {"event": event, "helped": helped, **urls, **thread}


def _judged(finding: Finding, told: Story) -> Finding:
    """The finding with what it says on every axis; on income what the case's proposal says, once there is one."""
    held = [
        ("income", "income" not in case.proposal["axes"])
        for case in told.cases
        if case.finding_id == finding.pk and "axes" in case.proposal
    ]
    held += [(axis, getattr(finding, f"{axis}_secured")) for axis in AXES]
    finding.axes = [*held, ("home", finding.home_safe), ("water", finding.water_safe)]  # type: ignore[attr-defined]
    return finding


def _income(told: Story) -> dict[str, float]:
    income = getattr(told.household, "income", None)
    if income is None:
        return {}
    net = income.business_yuan - income.business_cost_yuan
    transfers = income.property_yuan + income.transfer_yuan
    total = income.wage_yuan + net + transfers
    return {"net_business": net, "transfers": transfers, "income_per_head": total / max(told.household.size, 1)}


def legend() -> dict[str, Any]:
    """The map's legend, colours with their words; and whether the library of the live map is here."""
    return {
        "library": finders.find("maplibre/maplibre-gl.mjs") is not None,
        "village_legend": list(zip(maps.COLOURS, maps.VILLAGE_WORDS, strict=True)),
        "household_legend": list(zip(maps.COLOURS, maps.HOUSEHOLD_WORDS, strict=True)),
    }
