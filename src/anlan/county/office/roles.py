"""The roles of the county: a name, what the role is for, and what it may do. The manual prints these."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role:
    """A role; subclasses give the words and the permissions."""

    key: ClassVar[str]
    title: ClassVar[Promise]
    description: ClassVar[Promise]
    permissions: ClassVar[frozenset[str]]


class DutyOfficer(Role):
    """Awake at three in the morning."""

    key = "duty_officer"
    title = _("县值班员")
    description = _("接收预警，研判影响，起草并发布预警信息，掌握谁还没有叫应。")
    permissions = frozenset({
        "sense.receive", "sense.open", "foresee.run", "warn.draft", "warn.release", "warn.cancel", "warn.acknowledge",
        "discover.report", "discover.sweep", "assist.plan", "account.read", "registry.read", "office.read",
    })  # fmt: skip


class CountyDirector(Role):
    """Approves, decides, answers for the whole."""

    key = "county_director"
    title = _("县领导小组负责人")
    description = _("批准预警，审批纳入与消除，查看考核与覆盖证明。")
    permissions = frozenset({
        "warn.approve", "warn.cancel", "verify.convene", "decide.county", "decide.draft", "decide.sign", "clear.county",
        "discover.release", "account.read", "account.report", "registry.read", "registry.health", "registry.unmask",
        "ledger.read", "office.read",
    })  # fmt: skip


class DepartmentClerk(Role):
    """A department's clerk with an Excel list."""

    key = "department_clerk"
    title = _("部门经办人")
    description = _("提交部门名单筛查线索，核对信息，承办本部门的帮扶措施。")
    permissions = frozenset({
        "discover.screen", "verify.match", "verify.opine", "decide.draft", "assist.plan", "assist.deliver",
        "registry.read", "registry.health", "registry.unmask", "office.read",
    })  # fmt: skip


class TownshipOfficer(Role):
    """The township between the village and the county."""

    key = "township_officer"
    title = _("乡镇负责人")
    description = _("受理线索，安排入户，审核纳入与消除，落实帮扶。")
    permissions = frozenset({
        "discover.report", "discover.take_in", "discover.sweep", "verify.visit", "verify.settle", "decide.town",
        "clear.town", "assist.plan", "assist.deliver", "assist.receipt", "warn.acknowledge", "account.read",
        "registry.read", "registry.write", "registry.import", "registry.export", "registry.health", "registry.unmask",
        "office.read",
    })  # fmt: skip


class VillageCadre(Role):
    """Goes from door to door."""

    key = "village_cadre"
    title = _("村干部")
    description = _("逐户排查、入户核实、民主评议与村内公示、叫应重点户、代农户申报。")
    permissions = frozenset({
        "discover.report", "discover.take_in", "verify.visit", "decide.village", "clear.village", "assist.deliver",
        "assist.receipt", "warn.acknowledge", "registry.read", "registry.health",
    })  # fmt: skip


class Auditor(Role):
    """Reads everything, changes nothing."""

    key = "auditor"
    title = _("审计监督员")
    description = _("查看台账、时限、覆盖证明与报告，不能改动任何记录。")
    permissions = frozenset({"account.read", "ledger.read", "registry.read", "office.read"})


class Administrator(Role):
    """Keeps users, divisions and lists; judges nobody."""

    key = "administrator"
    title = _("系统管理员")
    description = _("维护用户、区划、部门职责与农户名册，不参与认定。")
    permissions = frozenset(
        {"office.read", "office.write", "registry.read", "registry.write", "registry.import", "registry.export"}
    )


ROLES: dict[str, type[Role]] = {
    role.key: role
    for role in (
        DutyOfficer, CountyDirector, DepartmentClerk, TownshipOfficer, VillageCadre, Auditor, Administrator,
    )
}  # fmt: skip
