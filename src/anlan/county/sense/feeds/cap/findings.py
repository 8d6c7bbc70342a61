"""What can be wrong with an alert, each under the code by which it is stored and the sentence people read."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST = 40  # a broken document can be wrong in ten thousand places; nobody reads more than these

SENTENCES: dict[str, Promise] = {
    "exception:empty": gettext_lazy("文件是空的"),
    "exception:size": gettext_lazy("文件过大"),
    "exception:packed": gettext_lazy("是压缩文件，请解压后逐份提供"),
    "exception:encoding": gettext_lazy("文字编码与声明不符，或不是可接受的编码"),
    "exception:doctype": gettext_lazy("含有 DOCTYPE 声明，可能藏有恶意内容，不予解析"),
    "exception:xml": gettext_lazy("不是完整的 XML 文件"),
    "exception:unreadable": gettext_lazy("文件打不开"),
    "not-cap": gettext_lazy("不是 CAP 预警报文"),
    "other-version": gettext_lazy("不是 CAP 1.2 版"),
    "xsd": gettext_lazy("不符合 CAP 1.2 的结构"),
    "identifier-chars": gettext_lazy("标识为空，或有空格、逗号等不允许的字符"),
    "identifier-long": gettext_lazy("标识或发送单位过长"),
    "identifier-reused": gettext_lazy("同一标识曾用于内容不同的报文"),
    "unreadable": gettext_lazy("文件打不开"),
    "sent-format": gettext_lazy("发布时间的写法不对"),
    "sent-value": gettext_lazy("发布时间不存在"),
    "sent-buddhist-era": gettext_lazy("发布年份像是佛历，已按公历理解"),
    "expires-missing": gettext_lazy("没有失效时间"),
    "expires-value": gettext_lazy("失效时间无法理解，或无法与发布时间比较"),
    "expires-before-sent": gettext_lazy("失效时间不晚于发布时间"),
    "references-missing": gettext_lazy("更新或解除报文没有指明它针对哪一份预警"),
    "references-format": gettext_lazy("引用的写法不对"),
    "references-self": gettext_lazy("引用了它自己"),
    "addresses-missing": gettext_lazy("定向报文没有收件人"),
    "restriction-missing": gettext_lazy("受限报文没有说明限制"),
    "sender-chars": gettext_lazy("发送单位为空，或有空格、逗号等不允许的字符"),
    "message-reply": gettext_lazy("这是对另一份报文的答复，不是预警"),
    "info-missing": gettext_lazy("没有预警内容"),
    "info-repeated": gettext_lazy("同一内容重复出现"),
    "effective-after-expires": gettext_lazy("生效时间晚于失效时间"),
    "onset-after-expires": gettext_lazy("开始时间晚于失效时间"),
    "time-buddhist-era": gettext_lazy("时间的年份像是佛历，与发布时间不一致"),
    "level-mismatch": gettext_lazy("标题的颜色、级别与严重程度不一致，按高的算"),
    "link-dangerous": gettext_lazy("链接不是网页地址，可能有害"),
    "datum-shifted": gettext_lazy("坐标可能是加偏的（GCJ-02、BD-09），位置会偏离数百米"),
    "geocode-form": gettext_lazy("区划代码的位数或写法不对"),
    "polygon-swapped": gettext_lazy("范围的经纬度像是颠倒了"),
    "circle-number": gettext_lazy("圆形范围的写法不对"),
    "circle-range": gettext_lazy("圆心超出经纬度，可能经纬度颠倒"),
    "circle-radius": gettext_lazy("圆形范围的半径是负数"),
    "circle-large": gettext_lazy("圆形范围过大，或在极地，无法使用"),
    "area-missing": gettext_lazy("没有影响区域"),
    "area-no-geometry": gettext_lazy("影响区域既没有区划代码也没有范围"),
    "polygon-number": gettext_lazy("范围中有不是坐标的内容"),
    "polygon-range": gettext_lazy("范围的坐标超出经纬度，可能经纬度颠倒"),
    "polygon-short": gettext_lazy("范围不足四个点"),
    "polygon-open": gettext_lazy("范围没有首尾闭合"),
    "polygon-invalid": gettext_lazy("范围的边线自相交叉"),
    "signature-wrong": gettext_lazy("签名与内容不符：报文被改动过，或签名有误"),
    "signature-unknown": gettext_lazy("签名的证书不是由本县信任的根证书签发"),
    "signature-time": gettext_lazy("签名的证书在发布时间不在有效期内"),
    "signature-form": gettext_lazy("签名的写法无法核对，或没有覆盖整份报文"),
    # Of these an alert stays accepted.
    "signature-unchecked": gettext_lazy("有签名，但没有设置信任的根证书，未核对，不作为可信的依据"),
    "status-test": gettext_lazy("测试报文，不会发给农户"),
    "status-exercise": gettext_lazy("演练报文，只用于演练"),
    "status-system": gettext_lazy("系统报文，不是预警"),
    "status-draft": gettext_lazy("草稿，不能据以行动"),
    "references-own-sent": gettext_lazy("引用里写的是自己的发布时间，只按标识对应"),
    "references-unknown": gettext_lazy("所引用的预警没有收到过"),
}

REJECTING = frozenset({
    "unreadable", "not-cap", "identifier-long", "other-version", "xsd", "sent-format", "sent-value", "signature-wrong",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `detail` is a value or a place in the document, for the person who must mend it."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        sentence = str(SENTENCES[self.code])
        return (
            _("%(sentence)s（%(detail)s）") % {"sentence": sentence, "detail": self.detail} if self.detail else sentence
        )

    @property
    def rejecting(self) -> bool:
        """Whether an alert with it cannot be used at all."""
        return self.code in REJECTING or self.code.startswith("exception:")


def verdict(findings: Iterable[Finding]) -> str:
    """`accepted` without findings, `rejected` with one that rejects, else `flagged`."""
    found = list(findings)
    if any(finding.rejecting for finding in found):
        return "rejected"
    return "flagged" if found else "accepted"


def sentence(code: str) -> str:
    """The sentence of a stored code; the code itself where it is one of another day."""
    return str(SENTENCES.get(code, code))
