"""Warnings from draft to release, how far they got, and who still has to be told."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.dispatch import speaking
from anlan.county.office.models import User
from anlan.county.office.permissions import needs, public, whose
from anlan.county.paging import ticked
from anlan.county.sense.models import Event
from anlan.county.sense.queries import open_events
from anlan.county.warn import actions, answers, bulletins, documents, queries, reports, rules
from anlan.county.warn.cap import ALERT_TYPE
from anlan.county.warn.forms import Cancellation, Return, Words
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)
from anlan.engine.audience import words

PAGE = 50
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
READERS = ("warn.draft", "warn.approve", "warn.release", "account.read")


@needs(*READERS)
@require_GET
def warnings(request: HttpRequest) -> HttpResponse:
    """The warnings of open events, what waits for somebody first."""
    page = Paginator(queries.of_open_events(), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "events": open_events(), "states": rules.STATES, **_may(whose(request))}
    return render(request, "warn/warnings.html", context)


@needs(*READERS)
@require_GET
def channels(request: HttpRequest) -> HttpResponse:
    """Whether the ways to people are open: what waits, what left last and when, which channel or account is silent."""
    template = "warn/channel_table.html" if request.headers.get("HX-Request") else "warn/channels.html"
    states, accounts = queries.channel_health()
    return render(request, template, {"channels": states, "accounts": accounts, "kinds": rules.KINDS})


@needs("warn.approve", "warn.release")
@require_GET
def waiting(request: HttpRequest, state: str) -> HttpResponse:
    """Straight to the first warning that waits for this person; to the list where none does."""
    found = queries.following(state, whose(request))
    return redirect("warn:warning", found.code) if found else redirect("warn:home")


@needs(*READERS)
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The Atom feed of the county's own alerts."""
    told = [each for each, _event in bulletins.public()]
    return HttpResponse(bulletins.feed(told), content_type="application/atom+xml; charset=utf-8")


@needs(*READERS)
@require_GET
def alert(request: HttpRequest, identifier: str) -> HttpResponse:
    """One of the alerts in the feed, as CAP 1.2."""
    told = next(
        (bulletins.whole(each, event) for each, event in bulletins.public() if each.identifier == identifier), None
    )
    if told is None:
        raise Http404
    return HttpResponse(bulletins.document(told), content_type=ALERT_TYPE)


def _may(user: User) -> dict[str, bool]:
    deeds = ("draft", "approve", "release", "cancel", "acknowledge")
    return {f"may_{deed}": user.may(f"warn.{deed}") for deed in deeds}


@needs("warn.draft")
@require_POST
def draft(request: HttpRequest, event: str) -> HttpResponse:
    """Write the warnings of an event."""
    drafts = actions.draft(event=get_object_or_404(Event, code=event), by=whose(request))
    messages.success(request, _("已起草 %(count)d 份预警，请另一人批准。") % {"count": len(drafts)})
    return redirect("warn:home")


@needs(*READERS)
@require_GET
def warning(request: HttpRequest, code: str) -> HttpResponse:
    """One warning: whom it is for, its words, who wrote and who approved it, how far it got."""
    return _page(request, _found(code))


def _found(code: str) -> Warning:
    return get_object_or_404(
        Warning.objects.select_related("event", "drafted_by", "approved_by", "asked", "clears"), code=code
    )


def _page(request: HttpRequest, found: Warning, form: Words | None = None) -> HttpResponse:
    user = whose(request)
    waiting = found.state in rules.WAITING
    context: dict[str, Any] = {
        "warning": found, "title": rules.TITLES[found.audience], "state": rules.STATES[found.state],
        "units": words.units(found.sms), "limit": words.SMS_UNITS, "waiting": waiting,
        "objections": [rules.OBJECTIONS[each] for each in found.objections] if found.state == "draft" else [],
        "preview": queries.preview(found) if waiting else None, **_sent(found),
        "speaks": speaking.available(), "live": _live(found),
        "expired": found.expires_at <= clock.now(), "own": found.drafted_by_id == user.pk,
        "words": form or Words(initial={"sms": found.sms, "voice": found.voice}), "return_form": Return(),
        "cancellation": Cancellation(), "all_clear": queries.all_clear(found), "may_clear": rules.clearable(found.state,
        found.level, all_clear=found.clears_id is not None) and user.may("warn.draft"), **_may(user),
    }  # fmt: skip
    return render(request, "warn/warning.html", context, status=422 if form else 200)


def _sent(found: Warning) -> dict[str, dict[str, Any]]:
    """How far it got: a cadres' warning goes to people with a list of doors, any other to households."""
    if found.clears_id is not None:
        return {"over": queries.said_over(found)}
    if found.audience in rules.OFFICES:
        return {"called_out": queries.called_out(found)}
    return {"progress": queries.progress(found)}


def _live(found: Warning) -> bool:
    return found.state == "released" and found.expires_at > clock.now()


@needs(*READERS)
@require_GET
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """The moving part of a released warning's page."""
    found = _found(code)
    context = {"warning": found, "live": _live(found), **_sent(found)}
    return render(request, "warn/progress.html", context)


@needs(*READERS)
@require_GET
def tally(request: HttpRequest, event: str) -> HttpResponse:
    """How far all warnings of an event got, each household once."""
    found = get_object_or_404(Event, code=event)
    counted = queries.tally(found)
    context = {"event": found, "tally": counted, "groups": counted["by_group"].items(), **_may(whose(request))}
    return render(request, "warn/tally.html", context)


@needs(*READERS)
@require_GET
def report(request: HttpRequest, code: str) -> HttpResponse:
    """How one warning got on, within one's own divisions."""
    found = _found(code)
    body = reports.report(found, whose(request))
    context = {"warning": found, "title": rules.TITLES[found.audience], "body": body, "times": documents.times(body),
               "tables": documents.tables(body), "header": documents.header()}  # fmt: skip
    return render(request, "warn/report.html", context)


@needs(*READERS)
@require_GET
def word(request: HttpRequest, code: str) -> HttpResponse:
    """The same as a Word file."""
    found = _found(code)
    response = HttpResponse(documents.word(found, reports.report(found, whose(request))), content_type=WORD)
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.docx"'
    return response


@needs(*READERS)
@require_GET
def voice(request: HttpRequest, code: str) -> HttpResponse:
    """What a loudspeaker says, as sound; 404 where this machine cannot speak."""
    sound = speaking.wav(_found(code).voice)
    if not sound:
        raise Http404
    response = HttpResponse(sound, content_type="audio/wav")
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.wav"'
    return response


@needs("warn.draft")
@require_POST
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change the words; an approval given before is void."""
    found, form = _found(code), Words(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    actions.edit(warning=found, by=whose(request), **form.cleaned_data)
    return redirect("warn:warning", code)


@needs("warn.approve")
@require_POST
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """Let it go out."""
    approved = actions.approve(warning=_found(code), by=whose(request))
    messages.success(request, _("已批准：%(title)s。") % {"title": rules.TITLES[approved.audience]})
    return _next(request, "draft", code)


@needs("warn.approve")
@require_POST
def send_back(request: HttpRequest, code: str) -> HttpResponse:
    """Give it back to whoever wrote it."""
    actions.send_back(warning=_found(code), reason=request.POST.get("reason", ""), by=whose(request))
    return redirect("warn:warning", code)


@needs("warn.release")
@require_POST
def release(request: HttpRequest, code: str) -> HttpResponse:
    """Send it."""
    released = actions.release(warning=_found(code), by=whose(request))
    said = _("安静时段，到时发布：%(title)s。") if released.state == "held" else _("已发布：%(title)s。")
    messages.success(request, said % {"title": rules.TITLES[released.audience]})
    return _next(request, "approved", code)


def _next(request: HttpRequest, state: str, code: str) -> HttpResponse:
    following = queries.following(state, whose(request))
    return redirect("warn:warning", following.code if following else code)


@needs("warn.cancel")
@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Take it back."""
    reason = request.POST.get("reason", str(rules.WITHDRAWN))  # one press is enough
    actions.cancel(warning=_found(code), reason=reason, by=whose(request))
    return redirect("warn:warning", code)


@needs("warn.draft")
@require_POST
def all_clear(request: HttpRequest, code: str) -> HttpResponse:
    """Write that the danger is over; another person approves it."""
    drafted = actions.all_clear(warning=_found(code), by=whose(request))
    messages.success(request, _("已起草解除，请另一人批准。"))
    return redirect("warn:warning", drafted.code)


@needs("warn.acknowledge", "account.read")
@require_GET
def unreached(request: HttpRequest) -> HttpResponse:
    """Households of an open event that nobody has reached, with the reason, within one's own divisions."""
    user, events = whose(request), list(open_events())
    event = next((each for each in events if each.code == request.GET.get("event")), events[0] if events else None)
    found = queries.unreached(event, user) if event else Target.objects.none()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"events": events, "event": event, "page": page, "reasons": rules.UNREACHED, **_may(user)}
    context["may_read"] = any(user.may(permission) for permission in READERS)
    return render(request, "warn/unreached.html", context)


@public
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """A household's own page for one warning: its words, and two buttons. No log-in, and nothing of the household."""
    target = answers.behind(token)
    if target is None:
        raise Http404
    if request.method == "POST":
        answers.say(target=target, safe="safe" in request.POST)
        return redirect("warn:answer", token)
    return render(request, "warn/answer.html", {"target": target, "warning": target.warning})


@needs("warn.acknowledge")
@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    """A cadre says: these I have told in person."""
    user, at = whose(request), clock.now()
    told = ticked(request.POST.getlist("targets"))
    wanted = Target.objects.visible_to(user).filter(pk__in=told).values_list("id", flat=True)
    acks, place = [(key, at) for key in wanted], request.POST.get("place", "")
    if count := actions.acknowledge(acks=acks, how="cadre", by=user, place=place):
        messages.success(request, _("已登记 %(count)d 户通知到户。") % {"count": count})
    else:
        messages.warning(request, _("没有登记任何一户：请先勾选已经通知到的农户。"))
    return redirect("warn:unreached")


@needs("warn.acknowledge", "account.read")
@require_GET
def remarks(request: HttpRequest) -> HttpResponse:
    """What households wrote back that is no answer: somebody reads it, and calls them."""
    user = whose(request)
    page = Paginator(queries.remarks(user), PAGE).get_page(request.GET.get("page"))
    return render(request, "warn/remarks.html", {"page": page, **_may(user)})


@needs("warn.acknowledge")
@require_POST
def heed(request: HttpRequest) -> HttpResponse:
    """These have been read and seen to."""
    user = whose(request)
    wanted = queries.remarks(user).filter(pk__in=ticked(request.POST.getlist("remarks")))
    if count := answers.heed(remarks=list(wanted.values_list("id", flat=True)), by=user):
        messages.success(request, _("已登记 %(count)d 条已处理。") % {"count": count})
    else:
        messages.warning(request, _("没有登记任何一条：请先勾选已经处理的来信。"))
    return redirect("warn:remarks")
