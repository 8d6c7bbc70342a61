"""What the papers of a clearance say; how they are printed is the decision's business (decide/papers)."""

from typing import Any

from django.conf import settings
from django.utils import translation

from anlan.county.clear import dossier, queries
from anlan.county.clear.models import Clearance
from anlan.county.clear.rules import HOW, MOVES, STATES
from anlan.county.decide import wording
from anlan.county.decide.dossier import Public, masked
from anlan.county.decide.papers.cases import household, public, signed
from anlan.county.decide.papers.printing import BLANK, bundle, day, said, yuan
from anlan.county.decide.rules import CATEGORIES

RELATED = ("episode__household__division__parent", "episode__case__event")
PAPERS = ("clear_check", "clear_review", "clear_publicity", "clear_approval")


def papers(clearance: Clearance) -> list[str]:
    """The papers of a clearance as it stands: the publicity once it hung."""
    return [key for key in PAPERS if key != "clear_publicity" or clearance.public_since is not None]


def everything(clearance: Clearance) -> bytes:
    """All papers of a clearance in one zip."""
    return bundle((key, contents(clearance, key)) for key in papers(clearance))


def contents(clearance: Clearance, key: str) -> dict[str, Any]:
    """The names of one paper's template with what the records say."""
    episode = clearance.episode
    home, category = episode.household, str(CATEGORIES.get(episode.category, ""))
    with translation.override(settings.LANGUAGE_CODE):
        if key == "clear_publicity":
            shown = Public(masked(home.head_name), home.division.name, home.size, category)
            return public(home.division.name, "", [shown], clearance.public_since, "clear_publicity_min_days")
        return {**household(home), "category": category, "entered_on": day(episode.entered_at), **_told(clearance),
                **_walked(clearance)}  # fmt: skip


def _told(clearance: Clearance) -> dict[str, Any]:
    episode = clearance.episode
    on = queries.day(clearance.closed_at or clearance.opened_at)
    verdict = queries.verdicts([episode], on)[episode.pk]
    told = dossier.dossier(episode, on)
    grounds = [wording.sentence({"code": each.code, "axis": each.axis, "values": each.values})
               for each in verdict.reasons]  # fmt: skip
    return {
        "risks": said("、".join(told.axes)), "grounds": said("".join(grounds)),
        "how": said(str(HOW.get(clearance.how, ""))),
        "proposed": str(STATES["cleared" if verdict.ready else "refused"]),
        "measures": said("、".join(str(each.kind) for each in told.measures)),
        "looks": [
            {"on": day(look.check.at), "income": yuan(look.check.income_per_head_yuan),
             "broken": "、".join(look.broken) or "—"}
            for look in reversed(told.looks)
        ],
    }  # fmt: skip


def _walked(clearance: Clearance) -> dict[str, Any]:
    left = {step.before: step for step in clearance.steps.select_related("by")}
    hung = public("", "", [], clearance.public_since, "clear_publicity_min_days")
    reviewed = signed("reviewed", left.get("review"), MOVES)
    return {
        **reviewed, **signed("town", left.get("town_check"), MOVES),
        **signed("county", left.get("county_decide"), MOVES),
        "reviewed": reviewed["reviewed_said"], "review_note": said(left["review"].note) if "review" in left else BLANK,
        "public_since": hung["since"], "public_until": hung["until"],
    }  # fmt: skip
