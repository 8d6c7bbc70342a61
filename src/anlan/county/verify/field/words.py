"""Every text that the phone's page shows by itself, collected for it in the reader's language."""

from django.utils.translation import gettext as _

from anlan.county.discover import rules as leads
from anlan.county.verify import causes, rules


def words() -> dict[str, object]:
    """The texts by their key. `{n}` is put in on the phone."""
    return _rules() | _line() | _list() | _form() | _outbox()


def _rules() -> dict[str, object]:
    """What outcomes, losses and axes are called."""
    return {
        "outcomes": {key: str(title) for key, title in rules.OUTCOMES.items()},
        "known": {key: str(title) for key, title in leads.OUTCOMES.items()},
        "losses": {key: str(title) for key, title in rules.LOSSES.items()},
        "axes": {key: str(title) for key, title in rules.AXES.items()},
        "kinds": {key: str(title) for key, title in leads.KINDS.items()},
        "grades": [grade for grade in rules.GRADES if grade],
        "causes": {cause: list(fields) for cause, fields in causes.CAUSES.items()},
        "also": causes.ALSO,
        "details": {name: _detail(detail) for name, detail in causes.DETAILS.items()},
        "severe": sorted(causes.SEVERE),
        "absences": {key: str(title) for key, title in rules.ABSENCES.items()},
    }


def _detail(detail: causes.Detail) -> dict[str, object]:
    """A question: its title, and its choices or the largest number."""
    if detail.choices is None:
        return {"title": str(detail.title), "most": detail.most}
    return {"title": str(detail.title), "choices": {key: str(title) for key, title in detail.choices.items()}}


def _line() -> dict[str, object]:
    """Of the line, and of what is on the phone."""
    return {
        "title": _("排查登记"),
        "online": _("已联网"),
        "offline": _("没有网络，照常登记，联网后自动发送"),
        "unsent": _("未发送 {n} 条"),
        "all_sent": _("没有未发送的记录"),
        "repair": _("需要更正 {n} 条"),
        "others": _("另有 {n} 条是别的干部填写的，请本人登录后发送"),
        "sign_in": _("登录已过期，记录都在手机里。请登录后自动发送。"),
        "sign_in_link": _("去登录"),
        "revoked": _("这部手机已被停用，农户资料已清除。"),
        "expired": _("资料太久没有更新，已清除。请联网后刷新。"),
        "no_pack": _("手机里还没有农户资料。请联网后点“更新资料”。"),
        "refresh": _("更新资料"),
        "refreshed": _("资料更新于 {at}"),
    }


def _list() -> dict[str, object]:
    """Of the list."""
    return {
        "search": _("找户：姓名、组或编码末几位"),
        "nobody": _("没有找到。"),
        "further": _("再看 50 户"),
        "to_visit": _("待查 {n} 户"),
        "done": _("已有结果 {n} 户"),
        "group": _("{n} 组"),
        "people": _("{n} 人"),
        "urgent": _("先救助"),
        "second": _("须由另一人再核实"),
        "objected": _("有异议或新情况，由没去过的人入户"),
        "key_group": _("重点户"),
        "reported": _("已申报"),
        "released": _("已移出名单"),
        "waiting": _("未发送"),
        "sent": _("已登记"),
        "again": _("约定 {n} 再去"),
        "back": _("返回名单"),
    }


def _form() -> dict[str, object]:
    """Of the form."""
    return {
        "outcome": _("入户结果"),
        "what_hit": _("什么受了影响（点一点，只问有关的）"),
        "broken": _("{n}：有问题"),
        "yuan": _("{n}损失（元）"),
        "numbers": _("收入（有变化才改）"),
        "absence": _("没有见到人的原因"),
        "income": _("预计今后 12 个月人均纯收入（元，扣除损失后）"),
        "rigid": _("人均合规自付等刚性支出（元）"),
        "grade": _("房屋鉴定等级"),
        "no_grade": _("未鉴定"),
        "consent": _("已签《承诺授权查询书》"),
        "again_on": _("下次入户日期"),
        "note": _("备注（可不填）"),
        "photo": _("拍照"),
        "photos": _("照片 {n} 张"),
        "remove_photo": _("删去第 {n} 张照片"),
        "bad_photo": _("这张照片打不开，请重新拍。"),
        "too_many_photos": _("最多 {n} 张照片。"),
        "save": _("保存"),
        "pick_outcome": _("请先选入户结果。"),
        "saved": _("已保存在手机里"),
        "not_saved": _("手机没有存下来，请不要离开本页，稍后再点保存，或抄下文字副本。"),
    }


def _outbox() -> dict[str, object]:
    """Of the records."""
    return {
        "outbox": _("我的记录"),
        "reason": _("原因：{n}"),
        "resend": _("再发一次"),
        "renumber": _("换编号再发"),
        "edit": _("更正"),
        "copy": _("文字副本"),
        "copied": _("已复制。可以用短信发给乡镇，由乡镇在“文字副本录入”页登记；也可以让别的手机扫码。"),
        "copy_code": _("这份记录的二维码"),
        "copy_label": _("记录的文字副本"),
        "receipt": _("回执 {n}"),
        "held": _("与别人的登记不一致，由乡镇处理"),
        "explain": _("说明原因"),
        "flags": {
            "clock": _("手机时间不准，已按服务器时间登记"),
            "far": _("登记时离农户位置较远"),
            "overtaken": _("已有别人登记的结果"),
        },
        "sign_out": _("清除本机资料"),
        "sign_out_wait": _("还有未发送的记录，发送完才能清除。"),
        "signed_out": _("本机资料已清除。"),
        "event": _("灾害事件"),
        "insecure": _("本站没有用 https，手机不能离线保存。请联系管理员；现在可以用“入户核实”页面登记。"),
        "no_storage": _("这个浏览器不能离线保存（可能是无痕模式），请换一个浏览器。"),
    }
