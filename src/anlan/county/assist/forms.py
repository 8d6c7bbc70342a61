"""The forms of assistance: plan, deliver, receipt, stop."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.assist.rules import CATALOGUE
from anlan.county.decide.rules import AXES


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The catalogue by axis."""
    return [
        (str(title), [(kind.key, kind.title) for kind in CATALOGUE.values() if kind.axis == axis])
        for axis, title in AXES.items()
    ]


class Planning(forms.Form):
    """Which kinds of help a household shall get."""

    kinds = forms.MultipleChoiceField(label=_("措施"), choices=_choices, widget=forms.CheckboxSelectMultiple)


class Delivery(forms.Form):
    """What was given, and when."""

    yuan = forms.FloatField(label=_("金额（元）"), min_value=0, initial=0, help_text=_("没有金额的填 0。"))
    at = forms.DateTimeField(
        label=_("落实时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].initial = clock.now


class Receipt(forms.Form):
    """How the household confirmed it."""

    text = forms.CharField(
        label=_("签收方式"), max_length=120, help_text=_("例如：本人签字、家人代签、按手印。不要写姓名和证件号码。")
    )


class Stop(forms.Form):
    """Why it ends undelivered."""

    reason = forms.CharField(label=_("终止理由"), max_length=120)


class Batch(forms.Form):
    """Measures ticked in the queue, and what is said of all of them."""

    measures = forms.TypedMultipleChoiceField(
        label=_("措施"), coerce=int, choices=(),
        error_messages={
            "required": _("请先勾选要办理的措施。"),
            "invalid_choice": _("勾选的措施有的已不在这里，请刷新页面再选。"),
        },
    )  # fmt: skip
    to = forms.ChoiceField(label=_("办理"), choices=[("delivering", ""), ("delivered", ""), ("receipted", "")])
    text = forms.CharField(label=_("签收方式"), required=False, max_length=120)

    def __init__(self, *args: Any, ids: Iterable[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measures"].choices = [(each, each) for each in ids]  # type: ignore[attr-defined]
