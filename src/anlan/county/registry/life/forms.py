"""What is asked before a household's life is written down."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.registry.models import Category, Household, Person
from anlan.county.registry.records import PersonRecord

LABOUR = (
    ("ordinary", _("普通劳动力")), ("skilled", _("技能劳动力")), ("weak", _("弱劳动力")), ("lost", _("丧失劳动力")),
    ("none", _("无劳动力")),
)  # fmt: skip
HEALTH = (("healthy", _("健康")), ("chronic", _("慢性病")), ("grave", _("大病")), ("disabled", _("残疾")))
SEX = (("m", _("男")), ("f", _("女")))
RELATION = (
    ("spouse", _("配偶")), ("child", _("子女")), ("grandchild", _("孙子女")), ("parent", _("父母")),
    ("grandparent", _("祖父母")), ("sibling", _("兄弟姐妹")), ("other", _("其他")),
)  # fmt: skip

CATEGORIES = {
    "ex_poor": _("脱贫户"), "subsistence": _("低保户"), "destitute": _("特困供养户"), "disabled": _("残疾人家庭"),
    "low_income": _("低收入户"), "unstable": _("脱贫不稳定户"), "marginal": _("边缘易致贫户"),
    "hardship": _("突发严重困难户"),
}  # fmt: skip


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class Life(forms.Form):
    """A form on one household; what can be picked is its own."""

    def __init__(self, *words: Any, household: Household, villages: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*words, **more)
        people = [(str(each.pk), each.name) for each in Person.objects.filter(household=household).order_by("id")]
        held = Category.objects.filter(household=household, until__isnull=True).values_list("kind", flat=True)
        picks = {
            "person": people, "people": people, "head": people, "successor": [("", _("不变")), *people],
            "village": villages, "categories": [(kind, CATEGORIES[kind]) for kind in held],
        }  # fmt: skip
        for name, choices in picks.items():
            field: Any = self.fields.get(name)
            if field is not None:
                field.choices = choices


class Departure(Life):
    """Who, when, and who is head then."""

    person = forms.ChoiceField(label=_("成员"))
    on = _day(_("日期"))
    successor = forms.ChoiceField(label=_("新户主"), required=False, help_text=_("户主不在了才需要选。"))


class Birth(Life):
    """A child."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    sex = forms.ChoiceField(label=_("性别"), choices=SEX)
    born = _day(_("出生日期"))
    relation = forms.ChoiceField(label=_("与户主关系"), choices=RELATION, initial="child")
    id_number = forms.CharField(label=_("身份证号"), max_length=18, required=False)

    def record(self) -> PersonRecord:
        """The child as a member; without labour."""
        said = self.cleaned_data
        return PersonRecord(
            said["name"].strip(), _number(said["id_number"]), said["sex"], said["born"], said["relation"],
            health=said.get("health", "healthy"), labour=said.get("labour", "none"),
        )  # fmt: skip


class Joining(Birth):
    """Somebody who comes from elsewhere."""

    health = forms.ChoiceField(label=_("健康状况"), choices=HEALTH)
    labour = forms.ChoiceField(label=_("劳动能力"), choices=LABOUR)
    on = _day(_("迁入日期"))


class Split(Life):
    """Who leaves, under whom, where to."""

    people = forms.MultipleChoiceField(label=_("分出的成员"), widget=forms.CheckboxSelectMultiple)
    head = forms.ChoiceField(label=_("新户的户主"))
    village = forms.ChoiceField(label=_("新户所在村"))
    categories = forms.MultipleChoiceField(
        label=_("新户也列入的类别"), required=False, widget=forms.CheckboxSelectMultiple
    )
    on = _day(_("分户日期"))


class Move(Life):
    """Where to, and when."""

    village = forms.ChoiceField(label=_("迁往的村"))
    address = forms.CharField(label=_("新住址"), max_length=120, required=False)
    group_no = forms.IntegerField(label=_("村民小组"), min_value=1, max_value=99, initial=1)
    on = _day(_("迁移日期"))


def _number(text: str) -> str:
    return "".join(text.split()).upper()


FORMS: dict[str, type[Life]] = {
    "birth": Birth, "death": Departure, "join": Joining, "leave": Departure, "split": Split, "move": Move,
}  # fmt: skip
TITLES = {
    "birth": _("出生"), "death": _("死亡"), "join": _("迁入成员"), "leave": _("迁出成员"), "split": _("分户"),
    "move": _("整户迁移"), "merge": _("合并"),
}  # fmt: skip


class Where(forms.Form):
    """Where findings are looked for, and of which rule. What cannot be read is left out."""

    division = forms.RegexField(r"^\d{12}$", required=False)
    rule = forms.SlugField(required=False)
    start_at = forms.IntegerField(min_value=0, max_value=10_000_000, required=False)

    def asked(self) -> dict[str, Any]:
        """What can be read of it."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in self.fields}
