"""What is asked of the register, and the workbook that is sent into it."""

from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.registry.models import CATEGORIES
from anlan.engine.values.divisions import significant

MOST_BYTES = 50 * 1024 * 1024


class Search(forms.Form):
    """The list's filter. A field that cannot be read is left out, so a mistyped address still shows a list."""

    q = forms.CharField(required=False, max_length=40)
    township = forms.RegexField(r"^\d{12}$", required=False)
    village = forms.RegexField(r"^\d{12}$", required=False)
    category = forms.ChoiceField(choices=[("monitored", ""), *((kind, "") for kind in CATEGORIES)], required=False)
    unplaced = forms.BooleanField(required=False)
    past = forms.RegexField(r"^\d{1,20}$", required=False)

    def said(self) -> dict[str, Any]:
        """What can be read of it."""
        self.is_valid()
        said = {name: self.cleaned_data.get(name, "") for name in self.fields}
        said["q"] = normalize("NFKC", said["q"]).strip()  # full-width figures are figures
        if not said["village"].startswith(significant(said["township"]) if said["township"] else ""):
            said["village"] = ""  # of the township that was chosen before
        return said


class Workbook(forms.Form):
    """A workbook of households."""

    file = forms.FileField(
        label=_("名册文件"),
        help_text=_("xlsx 或 xls；每人一行，或每户一行。"),
        widget=forms.FileInput({"accept": ".xlsx,.xls"}),
    )

    def clean_file(self) -> Any:
        """Not larger than any county's register."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 50 MB。"))
        return file
