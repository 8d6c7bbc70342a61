"""Scenarios: a hazard's inputs, and the rules by which the drill's world suffers from it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.errors import BadInput, NotFound
from anlan.county.sense.feeds.cap.parse import parse
from anlan.engine.hazard import severity

FOLDER = Path(__file__).parent / "scenarios"
FROM_ALERT = "from_alert"
RULES_SINCE = date(2023, 2, 17)  # the county's plan; the parameters of its clocks begin with it


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill's plot. `start` is None where a real alert gives it."""

    name: str
    title: str
    hazard: str
    element: str
    start: datetime | None
    days: int
    alerts: tuple[Mapping[str, Any], ...]
    field: Mapping[str, Any]
    loss: Mapping[str, Mapping[str, float]]
    unsafe: Mapping[str, Mapping[str, Any]]


def scenarios() -> list[Scenario]:
    """Every scenario that can be run by name."""
    return [read(path.stem) for path in sorted(FOLDER.glob("*.toml")) if path.stem != FROM_ALERT]


def read(name: str) -> Scenario:
    """One scenario by its name; refused, with the known names, where there is none."""
    if name == FROM_ALERT or not name.isidentifier() or not (FOLDER / f"{name}.toml").exists():
        known = ", ".join(path.stem for path in sorted(FOLDER.glob("*.toml")) if path.stem != FROM_ALERT)
        raise NotFound(_("没有演练场景“%(name)s”。可用的有：%(known)s") % {"name": name, "known": known})
    return _plot(name)


def _plot(name: str) -> Scenario:
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    return Scenario(
        name=name, title=data["title"], hazard=data["hazard"], element=data["element"], start=data.get("start"),
        days=data["days"], alerts=tuple(data["alerts"]), field=data["field"], loss=data["loss"], unsafe=data["unsafe"],
    )  # fmt: skip


def from_alert(data: bytes) -> Scenario:
    """A scenario around a real alert: its hazard, its moment, and a patch of its severity.

    Raises BadInput, with what is wrong, for a document that cannot start an event.
    """
    parsed = parse(data)
    if parsed.alert is None:
        raise BadInput(_("预警文件不能用：%(findings)s") % {"findings": "；".join(str(f) for f in parsed.findings)})
    alert = parsed.alert
    if alert.msg_type in {"Cancel", "Ack", "Error"}:
        raise BadInput(_("这是一份 %(kind)s 报文，不能开始一次演练。") % {"kind": alert.msg_type})
    plot = _plot(FROM_ALERT)
    level = severity.from_level(alert.level)
    field = {**plot.field, "background": plot.field["background"] * level, "peak": plot.field["peak"] * level}
    title = f"{plot.title}：{alert.headline or alert.identifier}"
    return replace(plot, title=title, hazard=alert.hazard, start=_in_our_time(alert.sent), field=field)


def _in_our_time(sent: datetime) -> datetime:
    """The alert's moment; one from before our rules is rehearsed on the same day of the first year that has them."""
    while sent.date() < RULES_SINCE:
        sent = sent.replace(year=sent.year + 1, day=min(sent.day, 28))
    return sent
