"""What the findings about an alert mean, in words for the one who has to look at them."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FINDINGS: dict[str, Promise] = {
    "empty": gettext_lazy("文件是空的"),
    "too-large": gettext_lazy("文件超过 4 MB"),
    "not-xml": gettext_lazy("不是 XML 文件"),
    "exception": gettext_lazy("XML 无法读取"),
    "exception:doctype": gettext_lazy("含有文档类型声明，出于安全拒收"),
    "exception:encoding": gettext_lazy("声明了不接受的字符编码"),
    "not-cap": gettext_lazy("不是 CAP 预警报文"),
    "other-version": gettext_lazy("不是 CAP 1.2 版"),
    "no-namespace": gettext_lazy("没有 CAP 命名空间"),
    "xsd": gettext_lazy("结构不符合 CAP 1.2"),
    "sent-value": gettext_lazy("发布时间不存在"),
    "sent-buddhist-era": gettext_lazy("发布时间疑为佛历"),
    "identifier-chars": gettext_lazy("标识符含有不允许的字符"),
    "identifier-reused": gettext_lazy("同一标识符曾用于不同内容"),
    "references-missing": gettext_lazy("更新或取消报文没有指明所指报文"),
    "references-format": gettext_lazy("所指报文的写法不合规"),
    "references-self": gettext_lazy("报文引用了自己"),
    "addresses-missing": gettext_lazy("私有报文没有收件人"),
    "restriction-missing": gettext_lazy("受限报文没有说明限制"),
    "expires-missing": gettext_lazy("没有失效时间"),
    "expires-before-sent": gettext_lazy("失效时间不晚于发布时间"),
    "area-missing": gettext_lazy("没有影响区域"),
    "area-no-geometry": gettext_lazy("影响区域没有多边形、圆或区划代码"),
    "polygon-number": gettext_lazy("多边形坐标不是数"),
    "polygon-short": gettext_lazy("多边形不足四点"),
    "polygon-open": gettext_lazy("多边形没有闭合"),
    "polygon-range": gettext_lazy("多边形坐标超出范围，疑为经纬度颠倒"),
}


def in_words(code: str) -> str:
    """A finding as a sentence part; what follows the colon of a code is kept as it is."""
    if code in FINDINGS:
        return str(FINDINGS[code])
    kind, _colon, rest = code.partition(":")
    return _("%(what)s（%(more)s）") % {"what": FINDINGS.get(kind, kind), "more": rest}
