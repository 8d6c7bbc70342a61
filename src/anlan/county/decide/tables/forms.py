"""The forms in which a row of a decision table is worded anew, and in which another figure is tried."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.decide.tables.actions import Draft
from anlan.county.decide.tables.comparing import Told, told, tried
from anlan.county.decide.tables.queries import Line
from anlan.county.decide.tables.sidebyside import Changed, changed
from anlan.county.office.models import User
from anlan.engine import policy

# The figures that draw lines in the tables; whatever else the command line can try.
TRIED = ("monitoring_line_yuan", "hardship_rigid_ratio", "hardship_drop_ratio", "hardship_near_ratio")


class Reword(forms.Form):
    """From when on, what condition, what result, on which document."""

    since = forms.DateField(
        label=_("起始日期"), help_text=_("最早明天；过去的规定不改。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
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


def _parameters() -> list[tuple[str, Any]]:
    today = policy.on(clock.today())
    kept = [today.parameter(key) for key in TRIED if key in today]
    return [("", _("不改"))] + [(each.key, f"{each.title} {each.value:g} {each.unit}") for each in kept]


class Trial(forms.Form):
    """Which day, held against which other day or figure."""

    on = forms.DateField(label=_("哪一天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    against = forms.DateField(
        label=_("与另一天比"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    parameter = forms.ChoiceField(label=_("改哪个数"), required=False, choices=_parameters)
    value = forms.FloatField(label=_("改成"), required=False)

    def clean(self) -> dict[str, Any]:
        """Another day, or a parameter with its figure."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(said.get("parameter")) != (said.get("value") is not None):
            raise forms.ValidationError(_("改哪个数、改成多少，要一起填。"))
        if not said.get("against") and not said.get("parameter"):
            raise forms.ValidationError(_("请填另一天，或另一个数。"))
        return said

    def changed(self) -> list[Changed]:
        """The rows and figures that the two days read differently, once the form is valid."""
        said: dict[str, Any] = self.cleaned_data
        return changed(said["on"], said["against"] or said["on"])

    def compared(self, user: User) -> Told:
        """What would change, once the form is valid."""
        said: dict[str, Any] = self.cleaned_data
        changes = {said["parameter"]: said["value"]} if said["parameter"] else {}
        return told(tried(user, said["on"], said["against"] or said["on"], changes))
