"""The register's quality, its doubles side by side, and what is written down of a household's life."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.office.models import Division, User
from anlan.county.office.permissions import needs, whose
from anlan.county.registry import quality, queries
from anlan.county.registry.life import actions, duplicates
from anlan.county.registry.life.forms import FORMS, TITLES, Where
from anlan.county.registry.life.joining import CHOICES
from anlan.county.registry.models import Deed, Household, Person
from anlan.engine.quality import RULES

SHOWN, PAIRS = 50, 100


@needs("registry.read")
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Findings by rule and by village; of one rule, the households one by one."""
    user, asked = whose(request), Where(request.GET).asked()
    place = _place(user, asked["division"])
    context: dict[str, Any] = {"asked": asked, "townships": queries.townships_of(user), "place": place}
    if place is not None:
        context |= _checked(user, place, asked)
    return render(request, "registry/quality.html", context)


def _place(user: User, code: str | None) -> Division | None:
    """The division that was asked for; without one, the only township or village one has."""
    mine = Division.objects.visible_to(user)
    if code:
        return get_object_or_404(mine, code=code)
    townships = list(mine.filter(level="township")[:2]) or list(mine.filter(level="village")[:2])
    return townships[0] if len(townships) == 1 else None


def _checked(user: User, place: Division, asked: dict[str, Any]) -> dict[str, Any]:
    rule = asked["rule"] if asked["rule"] in RULES else ""
    start = asked["start_at"] or 0
    found = Household.objects.visible_to(user).within(place.code)
    listed = SHOWN if rule else 0
    checked = quality.check(found, clock.today(), quality.rules_of([rule] if rule else ()), first=listed, start=start)
    names = dict(Division.objects.filter(code__in={code for _rule, code in checked.counts}).values_list("code", "name"))
    heads = dict(found.filter(code__in={each.household for each in checked.examples}).values_list("code", "head_name"))
    by_village = {code: 0 for _rule, code in checked.counts}
    for (_rule, code), count in checked.counts.items():
        by_village[code] += count
    return {
        "checked": checked,
        "rule": RULES.get(rule),
        "rule_title": quality.title(RULES[rule]) if rule else "",
        "rules": [(RULES[key], quality.title(RULES[key]), count) for key, count in checked.by_rule().items()],
        "villages": [(code, names.get(code, code), count) for code, count in sorted(by_village.items())],
        "findings": [(each, heads.get(each.household, "")) for each in checked.examples],
        "following": start + SHOWN if rule and checked.findings > start + SHOWN else None,
    }


@needs("registry.write")
@require_GET
def doubles(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one household, the strongest grounds first."""
    user, asked = whose(request), Where(request.GET).asked()
    place = _place(user, asked["division"])
    found = Household.objects.visible_to(user)
    pairs = duplicates.candidates(found.within(place.code)) if place is not None else []
    grounds = [
        (pair, one, other, [duplicates.GROUNDS[each] for each in pair.grounds])
        for pair, one, other in duplicates.shown(pairs[:PAIRS])
    ]
    context = {"pairs": grounds, "count": len(pairs), "place": place, "townships": queries.townships_of(user)}
    return render(request, "registry/doubles.html", context)


@needs("registry.write")
@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Two households side by side: one of them is kept, or they are two."""
    user = whose(request)
    one, other = _household(user, first), _household(user, second)
    if request.method == "POST":
        return _judge(request, one, other)
    context = {"one": one, "other": other, "rows": duplicates.beside(one, other)}
    return render(request, "registry/pair.html", context | {"people": duplicates.together(one, other)})


def _judge(request: HttpRequest, one: Household, other: Household) -> HttpResponse:
    user = whose(request)
    if request.POST.get("deed") == "distinct":
        actions.judge_distinct(first=one, second=other, by=user)
        return redirect("registry:doubles")
    if request.POST.get("keep") not in {one.code, other.code}:
        raise BadInput(_("请选保留哪一户。"))
    keep, drop = (one, other) if request.POST["keep"] == one.code else (other, one)
    said = {key: request.POST.get(key, "") for key in CHOICES}
    choices = {key: "drop" if code == drop.code else "keep" for key, code in said.items() if code}
    actions.merge_households(keep=keep, drop=drop, by=user, choices=choices)
    return redirect("desk:household", keep.code)


@needs("registry.write")
@require_http_methods(["GET", "POST"])
def life(request: HttpRequest, code: str) -> HttpResponse:
    """What happened in a household: one form at a time, and what was written down before."""
    user = whose(request)
    found, asked = _household(user, code), request.GET.get("kind", "")
    kind = asked if asked in FORMS else next(iter(FORMS))
    mine = Division.objects.visible_to(user).filter(level="village").order_by("code")
    villages = [(each.code, each.name) for each in mine]
    form = FORMS[kind](request.POST or None, household=found, villages=villages)
    if request.method == "POST" and form.is_valid():
        _do(kind, found, form, user)
        return redirect("desk:household", queries.present_code(found.code) or found.code)
    deeds = [(each, TITLES[each.kind]) for each in queries.deeds_of(found)]
    tabs = [(each, TITLES[each]) for each in FORMS]
    context = {"household": found, "form": form, "kind": kind, "title": TITLES[kind], "tabs": tabs, "deeds": deeds}
    return render(request, "registry/life.html", context)


def _do(kind: str, household: Household, form: Any, by: User) -> None:
    said = form.cleaned_data
    if kind in {"death", "leave"}:
        deed = actions.death if kind == "death" else actions.leave
        people = Person.objects.filter(household=household)
        successor = people.filter(pk=said["successor"]).first() if said["successor"] else None
        deed(person=get_object_or_404(people, pk=said["person"]), by=by, on=said["on"], successor=successor)
    elif kind == "birth":
        actions.birth(household=household, person=form.record(), by=by)
    elif kind == "join":
        actions.join(household=household, person=form.record(), by=by, on=said["on"])
    elif kind == "move":
        actions.move(household=household, by=by, **said)
    else:
        people_ids = [int(each) for each in said["people"]]
        actions.split(
            household=household, people=people_ids, head=int(said["head"]), by=by, on=said["on"],
            village=said["village"], categories=said["categories"],
        )  # fmt: skip


@needs("registry.write")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a deed back."""
    deed = get_object_or_404(Deed.objects.visible_to(whose(request)), pk=pk)
    done = actions.take_back(deed=deed, by=whose(request))
    return redirect("desk:household", done.household.code)


def _household(user: User, code: str) -> Household:
    return get_object_or_404(Household.objects.visible_to(user).select_related("division__parent"), code=code)
