"""Whom to ask about what, and a department's answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.verify.enquiring import queries
from anlan.county.verify.enquiring.rules import SAID_LENGTH, TOPICS


class Asking(forms.Form):
    """Which department is asked, and about what."""

    department = forms.ChoiceField(label=_("请哪个部门协查"))
    topics = forms.MultipleChoiceField(
        label=_("查什么"), choices=list(TOPICS.items()), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [("", _("请选择")), *((each.pk, each.name) for each in queries.to_ask())]
        self.fields["department"].choices = listed  # type: ignore[attr-defined]  # a choice field


class Answering(forms.Form):
    """A department's answer."""

    differs = forms.ChoiceField(
        choices=[("0", _("与核实一致")), ("1", _("与核实不一致"))], widget=forms.RadioSelect, label=_("查询结果")
    )
    said = forms.CharField(max_length=SAID_LENGTH, required=False)
