"""A warning's states, its audiences, and why it may be sent back. No database here."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from anlan.engine.audience.release import QUIET_LEVELS
from anlan.engine.values.states import Machine, State

MACHINE = Machine(
    "warning",
    "draft",
    {
        "draft": State("county", "", frozenset({"draft", "approved", "returned", "held", "cancelled", "expired"})),
        "returned": State("county", "", frozenset({"draft", "cancelled", "expired"})),
        "approved": State("county", "", frozenset({"draft", "returned", "held", "released", "cancelled", "expired"})),
        "held": State("county", "", frozenset({"draft", "returned", "released", "cancelled", "expired"})),
        "released": State("county", "", frozenset({"cancelled", "expired", "cleared"})),
        "cancelled": State("county", "", frozenset()),
        "expired": State("county", "", frozenset({"cleared"})),
        "cleared": State("county", "", frozenset()),
    },
)
STATES = {
    "draft": _("待批准"),
    "returned": _("已退回"),
    "approved": _("待发布"),
    "held": _("到时发布"),
    "released": _("已发布"),
    "cancelled": _("已取消"),
    "expired": _("已过期"),
    "cleared": _("已解除"),
}
WAITING = ("draft", "returned", "approved", "held")

# Households are told by how far they can help themselves (tiers 0, 1, 2 of engine.audience); cadres get their list.
AUDIENCES = ("danger", "key", "general")
CADRE, SCHOOL = "cadre", "school"
OFFICES = (CADRE, SCHOOL)  # people at work, and no households
TITLES = {
    "danger": _("危险区与自身难以避险的户"),
    "key": _("其他重点户"),
    "general": _("其余农户"),
    "cadre": _("村干部"),
    "school": _("学校和幼儿园"),
}
RETURNS = {
    "area": _("范围不对"),
    "level": _("级别不对"),
    "wording": _("文字要改"),
    "audience": _("对象不对"),
    "timing": _("时机不对"),
}
ACKNOWLEDGED_HOW = ("reply", "key", "page", "cadre", "second")
ANSWERS = {
    "reply": _("短信回复"), "key": _("按键"), "page": _("网页"), "cadre": _("干部告知"), "second": _("第二联系人"),
}  # fmt: skip
WITHDRAWN = _("值班员一键取消")
OBJECTIONS = {
    "unsigned": _("绿色通道规则尚未经县签发"),
    "untrusted": _("信号来源未列入可信单位，或报文有疑点"),
    "not_actual": _("信号不是实际预警（测试、演练或手工开启）"),
    "all_clear": _("是解除信号"),
    "level": _("不是红色或橙色"),
    "not_near": _("橙色，且不属于可自动发布的临近灾害"),
    "edited": _("文字已改动，不是审定的模板"),
    "outside": _("范围超出本县，或没有写明"),
    "too_many": _("户数超过自动发布的上限"),
    "repeated": _("刚发过相同的内容"),
}
GROUPS = {
    "danger": _("危险区内"),
    "alone": _("独居老人"),
    "disabled": _("残疾人"),
    "elderly": _("老年人"),
    "monitored": _("监测对象"),
    "ex_poor": _("脱贫户"),
    "remote": _("偏远户"),
    "general": _("一般农户"),
    "key": _("重点人群"),
    "cadre": _("村干部"),
}
KINDS = {
    "sms": _("短信"),
    "voice": _("电话语音"),
    "loudspeaker": _("大喇叭"),
    "list": _("叫应名单"),
    "email": _("电子邮件"),
}
RUNGS = {
    "household": _("短信和大喇叭"),
    "other": _("打电话"),
    "cadre": _("包保村干部"),
    "village": _("村负责人"),
    "town": _("乡镇值班"),
    "county": _("县值班"),
}
USUAL_HOURS = timedelta(hours=24)  # where the signal names no end

UNREACHED = {
    "no_phone": _("没有电话"),
    "refused": _("没有渠道接收，未发出"),
    "invalid": _("号码无法接通"),
    "cancelled": _("已取消，未发出"),
    "not_delivered": _("已发出，未送达"),
    "not_yet": _("还没有发出"),
}


def code(event_code: str, audience: str, number: int) -> str:
    """A warning's code: the event's, the audience, and which of its warnings this is."""
    return f"{event_code}.{audience}.{number}"


def clearable(state: str, level: int, *, all_clear: bool) -> bool:
    """Whether an all-clear of its own may follow: after red, orange or unknown, and not after an all-clear."""
    return "cleared" in MACHINE.states[state].after and level not in QUIET_LEVELS and not all_clear


def about(warning_code: str) -> str:
    """A warning in the words of the ledger."""
    return f"warning:{warning_code}"
