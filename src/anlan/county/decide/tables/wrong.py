"""What is wrong with a cell, in the words of whoever typed it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.engine.policy.tables.language import Unreadable

# By the codes of the language; what fills them in is the engine's.
FAULTS: Mapping[str, Promise] = {
    "long": gettext_lazy("太长：不超过 %(most)s 个字。"),
    "strange": gettext_lazy("第 %(at)s 个字“%(text)s”在这里没有意义。"),
    "missing": gettext_lazy("第 %(at)s 个字（%(text)s）处缺一个词或数。"),
    "expected": gettext_lazy("第 %(at)s 个字（%(text)s）处应为“%(sign)s”。"),
    "too_much": gettext_lazy("第 %(at)s 个字（%(text)s）起是多余的，或者前面缺“且”“或”。"),
    "one": gettext_lazy("第 %(at)s 个字（%(text)s）处：一次只比一个，用“且”连接。"),
    "deep": gettext_lazy("第 %(at)s 个字（%(text)s）处：括号套得太多，最多 %(most)s 层。"),
    "word": gettext_lazy("没有“%(word)s”这个词：它不是事实，不是前面表的结果，也不是政策参数。"),
    "twice": gettext_lazy("“%(word)s”有两种意思。"),
    "policy_text": gettext_lazy("政策参数“%(word)s”是文字，不能计算。"),
    "kind": gettext_lazy("“%(sign)s”两边要用%(wanted)s，这里是%(given)s。"),
    "choice": gettext_lazy("“%(word)s”不在可选的值（%(choices)s）里。"),
    "condition": gettext_lazy("条件要能判断是或否，这里是%(given)s。"),
    "formula": gettext_lazy("算式要得出一个数，或者是或否。"),
    "wordings": gettext_lazy("这一行原来得出的不是这一类。"),
    "result": gettext_lazy("结果“%(word)s”不在可选的值（%(choices)s）里。"),
    "line": gettext_lazy("“%(word)s”不是政策参数。"),
    "limit": gettext_lazy("“%(word)s”不是政策参数。"),
}
SAID: Mapping[str, Promise] = {
    "a number": gettext_lazy("数"),
    "a yes or no": gettext_lazy("是或否"),
    "a text": gettext_lazy("选项"),
    "a note that is only told": gettext_lazy("只供说明的内容"),
    "a number or a text": gettext_lazy("数或选项"),
    "the end": gettext_lazy("末尾"),
}


def sentence(error: Exception) -> str:
    """What an official can act on: the fault of the cell, or the engine's own words for whatever else it may be."""
    fault = error.__cause__
    if isinstance(fault, Unreadable):
        values = {name: SAID.get(str(value), str(value)) for name, value in fault.values.items()}
        return str(FAULTS[fault.code]) % values
    return _("这一行写得不对：%(why)s") % {"why": str(error)}
