"""The question to the ledger."""

from django import forms
from django.utils.translation import gettext_lazy as _


class Subject(forms.Form):
    """What the lines are about: `household:…`, `case:事件/户`, `event:…`; a * at the end takes all that begin so."""

    subject = forms.CharField(
        label=_("对象"),
        required=False,
        max_length=160,
        help_text=_("例如 event:EV20260618-rainstorm-1 或 case:EV20260618-rainstorm-1/*"),
    )

    def clean_subject(self) -> str:
        """Without the blanks around it."""
        return str(self.cleaned_data["subject"]).strip()
