"""The form of a signed sheet."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from anlan.county.verify.consent.actions import Sheet
from anlan.county.verify.consent.rules import PHOTO_BYTES, RELATIONS


class SheetForm(forms.Form):
    """Who signed, for whom, when; a proxy says why."""

    signer = forms.CharField(label=_("签署人姓名"), max_length=60)
    relation = forms.ChoiceField(label=_("与户主关系"), choices=list(RELATIONS.items()))
    why_proxy = forms.CharField(label=_("代签的，本人不能签字的原因"), max_length=120, required=False)
    signed_on = forms.DateField(label=_("签署日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    photo = forms.FileField(
        label=_("签字页照片（可不传）"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    def sheet(self) -> Sheet:
        """The sheet, once the form is valid. Of a file too large no more is read than shows that it is."""
        said: dict[str, Any] = self.cleaned_data
        photo: UploadedFile[bytes] | None = said["photo"]
        data = photo.read(PHOTO_BYTES + 1) if photo is not None else b""
        return Sheet(said["signer"], said["relation"], said["signed_on"], said["why_proxy"], data)
