"""What the papers of a case say: taken from the records, and blank where the records are silent.

No ID number, telephone or bank account is ever written into a paper: those the household writes itself, by hand.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from anlan.county.decide import dossier, wording
from anlan.county.decide.models import Case, Step
from anlan.county.decide.papers.printing import BLANK, bundle, day, said, yuan
from anlan.county.decide.rules import CATEGORIES, MOVES
from anlan.county.registry.models import Household
from anlan.county.verify import rules as verify
from anlan.county.verify.consent import queries as consent
from anlan.county.verify.consent.rules import RELATIONS
from anlan.county.verify.models import Finding
from anlan.engine import policy

RELATED = ("household__division__parent", "event", "finding__visit__by", "finding__lead")
PAPERS = ("application", "check", "review", "publicity", "approval", "refusal")


def papers(case: Case) -> list[str]:
    """The papers of a case as it stands: the publicity once it hung, the refusal where it ended so."""
    left = {"publicity": case.public_since is not None, "refusal": case.state == "not_confirmed"}
    return [key for key in PAPERS if left.get(key, True)]


def everything(case: Case) -> bytes:
    """All papers of a case in one zip."""
    return bundle((key, contents(case, key)) for key in papers(case))


def contents(case: Case, key: str) -> dict[str, Any]:
    """The names of one paper's template with what the records say."""
    with translation.override(settings.LANGUAGE_CODE):
        if key == "publicity":
            return public(case.household.division.name, case.event.title, [dossier.shown(case)], case.public_since)
        return {
            **household(case.household), "event": case.event.title, "found_on": day(case.lead_at),
            **_found(case.finding), **_proposed(case), **_walked(case),
        }  # fmt: skip


def household(each: Household) -> dict[str, Any]:
    """Who the household is and where."""
    village = each.division
    return {
        "head": each.head_name, "code": each.code, "township": village.parent.name if village.parent else BLANK,
        "village": village.name, "group": each.group_no, "size": each.size, "labourers": each.labourers,
    }  # fmt: skip


def public(
    village: str, event: str, households: Sequence[dossier.Public], since: datetime | None,
    lasts: str = "clock_publicity_min_days",
) -> dict[str, Any]:  # fmt: skip
    """What hangs in the village, and not a name more. `lasts`: the parameter that says how many days."""
    days = policy.on(since.date()).number(lasts) if since else 0.0
    return {
        "village": village, "event": event, "households": households, "since": day(since),
        "until": day(since + timedelta(days=days) if since else None),
    }  # fmt: skip


def _found(finding: Finding) -> dict[str, Any]:
    losses = [f"{title}{yuan(finding.losses_yuan[kind])}" for kind, title in verify.LOSSES.items()
              if kind in finding.losses_yuan]  # fmt: skip
    axes = [
        {"title": str(title), "holds": _("没有问题") if getattr(finding, axis) else _("有问题")}
        for axis, title in verify.AXES.items()
    ]
    return {
        "visited_on": day(finding.visit.at), "visitor": said(finding.visit.by.name), "axes": axes,
        "home_grade": said(finding.home_grade), "losses": said("，".join(losses)),
        "income": yuan(finding.income_per_head_yuan), "rigid": yuan(finding.rigid_per_head_yuan),
        "matched_on": day(finding.matched_at), "match_notes": said("；".join(finding.match_notes)),
        **_consent(finding),
    }  # fmt: skip


def _consent(finding: Finding) -> dict[str, Any]:
    """The latest sheet that was recorded and not taken back; blanks to be signed where there is none."""
    sheet = next((each for each in consent.of(finding.lead) if each.revoked_on is None), None)
    if sheet is None:
        return dict.fromkeys(("signer", "signer_relation", "signed_on", "by_proxy", "consent_until"), BLANK)
    return {
        "signer": sheet.signer, "signer_relation": str(RELATIONS[sheet.relation]), "signed_on": day(sheet.signed_on),
        "by_proxy": said(sheet.why_proxy), "consent_until": day(sheet.valid_until),
    }  # fmt: skip


def _proposed(case: Case) -> dict[str, Any]:
    grounds = dossier.grounds(case.proposal.get("reasons", ()), case.policy_day)
    return {
        "proposed": dossier.proposed(case), "grounds": said("".join(ground.text for ground in grounds)),
        "category": said(str(CATEGORIES.get(case.category or case.proposal.get("category", ""), ""))),
        "refusal_reasons": said("；".join(wording.short(reason) for reason in case.reasons)),
        "closed_on": day(case.closed_at),
    }  # fmt: skip


def _walked(case: Case) -> dict[str, Any]:
    """What each hand of the chain said, the last time it had the case."""
    left = {step.before: step for step in case.steps.select_related("by")}
    objections = [step.note for step in case.steps.all() if step.after == "objection"]
    hung = public("", "", [], case.public_since)
    return {
        **signed("reviewed", left.get("review"), MOVES), **signed("town", left.get("town_check"), MOVES),
        **signed("county", left.get("county_decide"), MOVES), "reviewed": _word(left.get("review"), MOVES),
        "review_note": said(left["review"].note) if "review" in left else BLANK,
        "public_since": hung["since"], "public_until": hung["until"], "objections": said("；".join(objections)),
    }  # fmt: skip


def signed(name: str, step: Any, moves: Mapping[str, Any]) -> dict[str, Any]:
    """What one hand said, who and when; blanks where it has not spoken yet."""
    return {
        f"{name}_said": _word(step, moves), f"{name}_note": said(step.note) if step else BLANK,
        f"{name}_by": said(step.by.name) if step else BLANK, f"{name}_on": day(step.at if step else None),
    }  # fmt: skip


def _word(step: Step | None, moves: Mapping[str, Any]) -> str:
    return str(moves[step.after]) if step else BLANK
