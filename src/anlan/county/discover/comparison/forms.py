"""The forms of departments' lists."""

from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.discover import queries
from anlan.county.discover.comparison.queries import months_until
from anlan.county.discover.comparison.reading import LARGEST_BYTES


class Upload(forms.Form):
    """A list of a month, and the disaster it is about, if it is."""

    file = forms.FileField(
        label=_("名单文件"), help_text=_("xlsx、xls 或 csv。"),
        validators=[FileExtensionValidator(["xlsx", "xls", "csv"])],
    )  # fmt: skip
    month = forms.ChoiceField(label=_("所属月份"))
    event = forms.ChoiceField(label=_("灾害事件"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [f"{month:%Y-%m}" for month in reversed(months_until(clock.today()))]
        self.fields["month"].choices = [(month, month) for month in months]  # type: ignore[attr-defined]
        events = [(event.code, event.title) for event in queries.reportable_events()]
        self.fields["event"].choices = [("", _("无（按月筛查）")), *events]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Nothing larger than a county's list can be."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_BYTES:
            raise forms.ValidationError(_("文件不能超过 %(size)d MB。") % {"size": LARGEST_BYTES >> 20})
        return file
