"""The forms of the three doors."""

from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from anlan.county.discover import photos, queries, rules
from anlan.county.office.models import Division, User
from anlan.county.registry import pictures

KEY = r"R[2-9A-Z]{11}"
KEY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, 1, I, O, which are misread over the telephone
LARGEST_LIST = 5 * 1024 * 1024
TOO_LONG = {"max_length": _("太长了，最多 %(limit_value)d 个字，现在是 %(show_value)d 个字。")}


class Harm(forms.Form):
    """What was hit, in boxes and in one's own words."""

    kinds = forms.MultipleChoiceField(
        label=_("哪些受了灾（可多选）"), choices=list(rules.KINDS.items()), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选一项。")},
    )  # fmt: skip
    loss_yuan = forms.FloatField(label=_("估计损失（元，不清楚可不填）"), min_value=0, max_value=1e8, required=False)
    text = forms.CharField(
        label=_("情况说明（可不填）"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=TOO_LONG,
    )  # fmt: skip

    photo = forms.FileField(
        label=_("照片（可不传）"), required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )  # fmt: skip

    def clean_photo(self) -> Any:
        """A picture of a size that fits; an empty file is as good as none."""
        file = self.cleaned_data["photo"]
        if not file or not file.size:
            return None
        if file.size > photos.LARGEST_BYTES:
            raise forms.ValidationError(photos.too_large())
        head = file.read(pictures.LOOKED_AT)
        file.seek(0)
        if not pictures.kind(head):
            raise forms.ValidationError(photos.no_picture())
        return file

    def claim(self) -> dict[str, Any]:
        """The report's claim, with what was left empty left out."""
        said = {name: self.cleaned_data.get(name) for name in ("kinds", "loss_yuan", "text", "through")}
        return {name: value for name, value in said.items() if value not in (None, "")}


class SelfReport(Harm):
    """A villager's own report: four things typed, two picked. Works without JavaScript and without a log-in.

    Who writes it for somebody says how that person came; what they lose in money nobody is asked before a visit.
    """

    loss_yuan = None  # type: ignore[assignment]  # Django's way to leave a field of the base out

    key = forms.CharField(widget=forms.HiddenInput, validators=[RegexValidator(rf"^{KEY}$")])
    village = forms.ChoiceField(label=_("所在村"))
    head_name = forms.CharField(label=_("户主姓名"), max_length=30, error_messages=TOO_LONG)
    phone = forms.CharField(
        label=_("联系电话"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        validators=[RegexValidator(r"^\d[\d -]{5,18}\d$", _("电话号码只能是数字。"))],
    )  # fmt: skip
    size = forms.IntegerField(label=_("家里几口人"), min_value=1, max_value=30, initial=3)

    through = forms.ChoiceField(
        label=_("农户怎么找到您的"), choices=[("", _("请选择")), *rules.THROUGH.items()], required=False
    )

    field_order = ["key", "through", "village", "kinds", "head_name", "phone", "size", "text", "photo"]

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].choices = by_township(user)  # type: ignore[attr-defined]
        if user is None:
            del self.fields["through"]


def by_township(user: User | None) -> list[tuple[str, Any]]:
    """Villages to pick from, under the name of their township."""
    groups: dict[str, list[tuple[str, str]]] = {}
    villages: list[Division] = list(queries.reporting_villages(user).select_related("parent"))
    for village in villages:
        groups.setdefault(str(village.parent), []).append((village.code, village.name))
    return [("", _("请选择")), *groups.items()]


class CadreReport(Harm):
    """What a cadre saw at a household of the register."""

    household = forms.CharField(widget=forms.HiddenInput, max_length=20)


class Upload(forms.Form):
    """A department's list."""

    source = forms.CharField(label=_("名单名称"), max_length=60, help_text=_("例如：农业保险报案名单 6 月"))
    file = forms.FileField(
        label=_("名单文件"), help_text=_("xlsx、xls 或 csv，第一行是：姓名、身份证号、事由、金额（可不填）。"),
        validators=[FileExtensionValidator(["xlsx", "xls", "csv"])],
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Nothing larger than a county's list can be."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_LIST:
            raise forms.ValidationError(_("文件不能超过 5 MB。"))
        return file


class Dismissal(forms.Form):
    """Why a lead is not followed."""

    reason = forms.ChoiceField(
        label=_("不予受理的理由"), choices=[("", _("请选择")), *rules.DISMISSALS.items()], required=True
    )
