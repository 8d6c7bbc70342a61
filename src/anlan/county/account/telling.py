"""A report's figures as blocks of sentences and tables: the page, the Word file and the terminal show the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.account.rules import BASELINES, CAUSES, CURVES, DISPOSED, GROUPS, HINDSIGHT, OPEN, UNITS
from anlan.county.assist.rules import CATALOGUE
from anlan.county.decide.rules import AXES, CATEGORIES
from anlan.county.discover.rules import DOORS

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a block as a page needs it."""

    cells: tuple[tuple[str, str], ...]
    percent: int


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the report: sentences, then a table. `bars` are shares (0..1) by row, where a bar is worth drawing."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    bars: tuple[float, ...] = field(default=())

    @property
    def labelled(self) -> list[Line]:
        """The rows with the name of each cell's column, and each with its bar's length in percent."""
        bars = self.bars or (0.0,) * len(self.rows)
        return [
            Line(tuple(zip(self.header, row, strict=True)), round(100 * bar))
            for row, bar in zip(self.rows, bars, strict=True)
        ]


def is_synthetic(body: Body) -> bool:
    """Whether the report is of a drill or an exercise."""
    return bool(body.get("synthetic") or body.get("event", {}).get("exercise"))


def blocks(body: Body) -> list[Block]:
    """Every block that the report has something to say to, in the order of the mission."""
    tellers: tuple[tuple[str, Callable[[Body], Block]], ...] = (
        ("warning", _warning), ("discovery", _discovery), ("hindsight", _hindsight), ("decisions", _decisions),
        ("assistance", _assistance),
        ("clearance", _clearance), ("coverage", _coverage), ("truth", _truth), ("truth", _curve),
        ("clocks", _clocks), ("ledger", _ledger),
    )  # fmt: skip
    told = (tell(body[key]) for key, tell in tellers if body.get(key))
    return [block for block in told if block.sentences]


def _count(number: float | None) -> str:
    return "—" if number is None else f"{number:,.0f}"


def _share(part: float, whole: float) -> float:
    return min(part / whole, 1.0) if whole else 0.0


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else "—"


def _minutes(number: float | None) -> str:
    return _("未达到") if number is None else _("%(number).0f 分钟") % {"number": number}


def _warning(told: Body) -> Block:
    groups = [(key, each) for key, each in told.get("by_group", {}).items() if each["targeted"]]
    return Block(
        "warning", _("预警"),
        (
            _("应通知 %(targeted)s 户，送达或叫应 %(delivered)s 户（%(share)s），"
              "其中叫应 %(acknowledged)s 户；还没有送达或叫应 %(unreached)s 户。")
            % {"targeted": _count(told["targeted"]), "delivered": _count(told["delivered"]),
               "share": _percent(told["delivered"], told["targeted"]),
               "acknowledged": _count(told["acknowledged"]), "unreached": _count(told["unreached"])},
            _("从上游发布到送达一半农户：%(t50)s；到送达九成：%(t90)s。")
            % {"t50": _minutes(told["t50_min"]), "t90": _minutes(told["t90_min"])},
        ),
        (_("人群"), _("应通知"), _("送达或叫应"), _("其中叫应"), _("占比")),
        tuple(
            (str(GROUPS.get(key, key)), *(_count(each[name]) for name in ("targeted", "delivered", "acknowledged")),
             _percent(each["delivered"], each["targeted"]))
            for key, each in groups
        ),
        tuple(_share(each["delivered"], each["targeted"]) for _key, each in groups),
    )  # fmt: skip


def _discovery(told: Body) -> Block:
    doors = told["by_door"]
    total = sum(doors.values())
    return Block(
        "discovery", _("发现"),
        (_("形成线索 %(leads)s 条，其中 %(merged)s 次重复反映并入已有线索。")
         % {"leads": _count(told["leads"]), "merged": _count(told["merged"])},),
        (_("渠道"), _("反映次数"), _("占比")),
        tuple((str(DOORS.get(door, door)), _count(number), _percent(number, total)) for door, number in doors.items()),
        tuple(_share(number, total) for number in doors.values()),
    )  # fmt: skip


def _hindsight(told: Body) -> Block:
    outcomes = told["outcomes"]
    recalls = [each for each in told["recall_at"] if each["recall"] is not None]
    sentences = [
        _("已入户 %(visited)s 户的研判与核实结果相比；名单之外另发现 %(unlisted)s 户。")
        % {"visited": _count(told["visited"]), "unlisted": _count(told["unlisted"])}
    ]
    if recalls:
        parts = "，".join(
            _("前 %(visits)s 户 %(recall)s") % {"visits": _count(each["visits"]), "recall": _ratio(each["recall"])}
            for each in recalls
        )
        sentences.append(_("按研判次序入户，能找到纳入监测户的比例：%(parts)s。") % {"parts": parts})
    return Block(
        "hindsight", _("研判检验"), tuple(sentences),
        (_("指标"), _("预计户数"), _("核实户数"), _("布赖尔评分（越小越好）")),
        tuple(
            (str(HINDSIGHT[name]), f"{each['foreseen']:,.1f}", _count(each["found"]), f"{each['brier']:.3f}")
            for name, each in outcomes.items()
            if each["brier"] is not None
        ),
    )  # fmt: skip


def _decisions(told: Body) -> Block:
    categories = told.get("by_category", {})
    return Block(
        "decisions", _("认定"),
        (_("纳入监测 %(monitored)s 户，不予纳入 %(rejected)s 户，还在程序中 %(open)s 户。")
         % {key: _count(told[key]) for key in ("monitored", "rejected", "open")}, *_against(told)),
        (_("类别"), _("户数")) if categories else (),
        tuple((str(CATEGORIES.get(key, key)), _count(number)) for key, number in categories.items()),
        tuple(_share(number, told["monitored"]) for number in categories.values()),
    )  # fmt: skip


def _against(told: Body) -> tuple[str, ...]:
    if "against" not in told:  # a report of before it was counted
        return ()
    return (_("与系统建议不一致的决定 %(number)s 件，都写明了理由。") % {"number": _count(told["against"])},)


def _assistance(told: Body) -> Block:
    kinds = told.get("by_kind", {})
    return Block(
        "assistance", _("帮扶"),
        (_("安排措施 %(planned)s 项，落实 %(delivered)s 项，农户签收 %(receipted)s 项，合计 %(yuan)s 元。")
         % {key: _count(told[key]) for key in ("planned", "delivered", "receipted", "yuan")},),
        (_("措施"), _("安排"), _("落实"), _("签收"), _("金额（元）")) if kinds else (),
        tuple(
            (CATALOGUE[key].title if key in CATALOGUE else key, _count(each["planned"]), _count(each["delivered"]),
             _count(each["receipted"]), _count(each["yuan"]))
            for key, each in kinds.items()
        ),
        tuple(_share(each["delivered"], each["planned"]) for each in kinds.values()),
    )  # fmt: skip


def _clearance(told: Body) -> Block:
    text = _(
        "监测中 %(open)s 户，已消除风险 %(cleared)s 户，消除程序中 %(in_progress)s 户，"
        "不予消除 %(refused)s 户；跟踪 %(checks)s 次。"
    )
    keys = ("open", "cleared", "in_progress", "refused", "checks")
    return Block("clearance", _("消除"), (text % {key: _count(told.get(key, 0)) for key in keys},))


def _coverage(told: Body) -> Block:
    exposed = told["exposed"]
    counted = [
        (str(title), told[side][key], kind)
        for side, titles, kind in (("disposed", DISPOSED, _("已有结论")), ("open", OPEN, _("办理中，有时限")))
        for key, title in titles.items()
        if told[side].get(key)
    ]
    counted.append((_("没有着落"), told["unaccounted"], ""))
    missing = _("有 %(count)s 户没有着落，须立即查清。") % {"count": _count(told["unaccounted"])}
    closing = missing if told["unaccounted"] else _("一户不漏。")
    return Block(
        "coverage", _("覆盖证明"),
        (
            _("受影响 %(exposed)s 户 = 已有结论 %(disposed)s 户 + 办理中 %(open)s 户 + 没有着落 %(unaccounted)s 户")
            % {"exposed": _count(exposed), "disposed": _count(sum(told["disposed"].values())),
               "open": _count(sum(told["open"].values())), "unaccounted": _count(told["unaccounted"])},
            closing,
            _("名单校验值：%(sha)s") % {"sha": told["sha"]},
        ),
        (_("去向"), _("户数"), _("性质")),
        tuple((title, _count(number), kind) for title, number, kind in counted),
        tuple(_share(number, exposed) for _title, number, _kind in counted),
    )  # fmt: skip


def _truth(told: Body) -> Block:
    missed = [(why, number) for why, number in told.get("missed_why", {}).items() if number]
    axes = told.get("at_risk_by_axis", {})
    sentences = [
        _("演练知道真相：确有风险 %(at_risk)s 户，发现 %(found)s 户，漏掉 %(missed)s 户；"
          "查全率 %(recall)s，查准率 %(precision)s；入户 %(visits)s 次。")
        % {**{key: _count(told[key]) for key in ("at_risk", "found", "missed", "visits")},
           "recall": _ratio(told["recall"]), "precision": _ratio(told["precision"])},
    ]  # fmt: skip
    if axes:
        named = "，".join(f"{AXES.get(axis, axis)} {_count(number)}" for axis, number in axes.items())
        sentences.append(_("按指标：%(axes)s。") % {"axes": named})
    if others := told.get("baselines"):
        named = "，".join(f"{BASELINES[name]} {_count(each['visits'])}" for name, each in others.items())
        sentences.append(
            _("走到过 %(reached)s 的风险户门前；走到同样多，需入户：%(others)s 次。")
            % {"reached": _ratio(told["reached"]), "others": named}
        )
    return Block(
        "truth", _("演练真相"), tuple(sentences), (_("漏掉的原因"), _("户数")) if missed else (),
        tuple((str(CAUSES.get(why, why)), _count(number)) for why, number in missed),
        tuple(_share(number, told["missed"]) for _why, number in missed),
    )  # fmt: skip


def _curve(told: Body) -> Block:
    """How many of those at risk were stood at after so many visits: by us, and in other orders."""
    curve = told.get("curve", ())
    ways = [name for name in CURVES if curve and name in curve[0]]
    return Block(
        "curve", _("入户次数与走到的风险户"),
        (_("同样的入户次数，各种次序走到的风险户占全部风险户的比例："),) if ways else (),
        (_("入户次数"), *(str(CURVES[name]) for name in ways)) if ways else (),
        tuple((_count(step["visits"]), *(_ratio(step[name]) for name in ways)) for step in curve),
        tuple(float(step["ours"] or 0) for step in curve),
    )  # fmt: skip


def _ratio(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _clocks(told: Body) -> Block:
    by_unit: Mapping[str, int] = told["by_unit"]
    names: Mapping[str, str] = told.get("names", {})
    ordered: Sequence[tuple[str, int]] = sorted(by_unit.items(), key=lambda pair: (-pair[1], pair[0]))
    return Block(
        "clocks", _("时限"),
        (_("超过时限 %(breaches)s 次。") % {"breaches": _count(told["breaches"])},),
        (_("责任单位"), _("次数")) if ordered else (),
        tuple((str(UNITS.get(unit) or names.get(unit, unit)), _count(number)) for unit, number in ordered),
        tuple(_share(number, told["breaches"]) for _unit, number in ordered),
    )  # fmt: skip


def _ledger(told: Body) -> Block:
    verdict = _("链条完整，没有改动。") if told["verified"] else _("链条断开，记录被改动过！")
    return Block("ledger", _("台账"), (_("台账 %(entries)s 条。") % {"entries": _count(told["entries"])}, verdict))
