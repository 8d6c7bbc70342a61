"""What each permission lets one do, in words that finish the sentence “this post may …”."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ABILITIES: Mapping[str, Promise] = {
    "sense.receive": _("接收预警报文和测站读数"),
    "sense.open": _("开启和结束灾害事件"),
    "foresee.run": _("开展影响研判"),
    "warn.draft": _("起草预警信息"),
    "warn.approve": _("批准或退回预警信息"),
    "warn.release": _("发布已批准的预警信息"),
    "warn.cancel": _("取消预警信息"),
    "warn.acknowledge": _("登记农户已经叫应"),
    "discover.report": _("登记或代报农户受灾情况"),
    "discover.take_in": _("受理线索或不予受理"),
    "discover.screen": _("提交部门名单筛查线索"),
    "discover.sweep": _("部署和办结逐户排查"),
    "discover.release": _("把农户移出排查名单"),
    "verify.visit": _("入户核实并登记核实结果"),
    "verify.settle": _("在两份不一致的现场填报中作出选择，停用手机"),
    "verify.match": _("与部门数据比对信息"),
    "verify.convene": _("召集部门联动灾害认定并形成结论"),
    "verify.opine": _("代表部门对灾害提出认定意见"),
    "decide.village": _("办理民主评议和村内公示"),
    "decide.town": _("乡镇审核纳入监测"),
    "decide.county": _("县级审批纳入监测"),
    "decide.draft": _("起草县级认定规则"),
    "decide.sign": _("签署县级认定规则"),
    "assist.plan": _("安排和终止帮扶措施"),
    "assist.deliver": _("登记帮扶措施的落实"),
    "assist.receipt": _("登记农户签收"),
    "clear.village": _("按月跟踪监测对象，办理消除的评议和公示"),
    "clear.town": _("乡镇审核风险消除"),
    "clear.county": _("县级审批风险消除"),
    "account.read": _("查看时限、覆盖证明和报告"),
    "account.report": _("出具应对报告"),
    "ledger.read": _("查看和验证台账"),
    "registry.read": _("查看农户"),
    "registry.write": _("修改农户的位置和类别"),
    "registry.import": _("导入农户名册"),
    "registry.export": _("导出农户名单"),
    "registry.health": _("查看健康状况"),
    "registry.unmask": _("凭理由查看完整的身份证号或电话"),
    "office.read": _("查看组织和职责"),
    "office.write": _("维护账号、岗位和职责"),
}
