"""The form in which a row of a decision table is worded anew."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.decide.tables.actions import Draft
from anlan.county.decide.tables.queries import Line


class Reword(forms.Form):
    """From when on, what condition, what result, on which document."""

    since = forms.DateField(
        label=_("起始日期"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("最早明天；过去的规定不改。")
    )  # fmt: skip
    title = forms.CharField(label=_("这一行说的是"), max_length=120)
    when = forms.CharField(
        label=_("条件"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如：人均收入 < 监测线 且 非 脱贫户。可用且、或、非、在，比大小，加减乘除。写“否”即停用。"),
    )  # fmt: skip
    then = forms.CharField(label=_("结果"), max_length=400)
    basis = forms.CharField(label=_("依据"), max_length=200, help_text=_("文件名称和文号。"))
    source = forms.CharField(label=_("出处"), max_length=200, help_text=_("在哪里见到的原文。"))

    @classmethod
    def of(cls, line: Line) -> "Reword":
        """The form filled in with the row as it stands; its source is to be told anew."""
        version = line.version or line.row.versions[-1]
        told = {"title": version.title, "when": version.when, "then": version.then, "basis": line.basis}
        return cls(initial=told)

    def draft(self, table: str, row: str) -> Draft:
        """The wish, once the form is valid."""
        said: dict[str, Any] = {
            name: value.strip() if isinstance(value, str) else value for name, value in self.cleaned_data.items()
        }
        return Draft(table=table, row=row, **said)
