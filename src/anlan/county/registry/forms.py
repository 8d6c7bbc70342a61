"""What is asked of the register, and the workbook that is sent into it."""

from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.registry.headings import FIELDS
from anlan.county.registry.models import CATEGORIES, Mapping
from anlan.engine.values.divisions import significant

MOST_BYTES = 500 * 1024 * 1024


class Search(forms.Form):
    """The list's filter. A field that cannot be read is left out, so a mistyped address still shows a list."""

    q = forms.CharField(required=False, max_length=40)
    township = forms.RegexField(r"^\d{12}$", required=False)
    layout = forms.SlugField(required=False)
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


class Page(forms.Form):
    """Where in a long list one is."""

    start_at = forms.IntegerField(min_value=0, max_value=10_000_000, required=False)

    def start(self) -> int:
        """The first line to show; the very first where nothing readable is asked."""
        return (self.cleaned_data["start_at"] or 0) if self.is_valid() else 0


class Workbook(forms.Form):
    """A file of households."""

    file = forms.FileField(
        label=_("名册文件"),
        help_text=_("xlsx、xls、csv，或装有这些文件的 zip；每人一行，或每户一行。"),
        widget=forms.FileInput({"accept": ".xlsx,.xls,.csv,.zip"}),
    )
    mapping = forms.ModelChoiceField(Mapping.objects.all(), label=_("列名对照"), required=False, empty_label=_("不用"))

    def clean_file(self) -> Any:
        """Not larger than any county's register."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 500 MB。"))
        return file


class Columns(forms.Form):
    """What the headings nobody knows mean, and the name under which that is kept."""

    name = forms.CharField(label=_("对照名称"), max_length=60)

    def __init__(self, *words: Any, unknown: Sequence[str], **more: Any) -> None:
        super().__init__(*words, **more)
        self.unknown = unknown
        choices = [("", _("不读取")), *((field, names[0]) for field, names in FIELDS.items())]
        for number, heading in enumerate(unknown):
            self.fields[f"column{number}"] = forms.ChoiceField(label=heading, choices=choices, required=False)

    def headings(self) -> dict[str, str]:
        """Heading to field, for those that were given one."""
        said = {heading: self.cleaned_data[f"column{number}"] for number, heading in enumerate(self.unknown)}
        return {heading: field for heading, field in said.items() if field}
