"""What services of carriers say to us. Nobody logs in here: the address ends in a secret word of the account, and what
a service can sign is signed. Nothing of a person stands in an address, an answer or a log."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from anlan.county.dispatch import speaking
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.channels.accounts import behind
from anlan.county.dispatch.channels.shape import Push, Pushing, TransportFailed, Unacceptable
from anlan.county.dispatch.receipts import receive
from anlan.county.dispatch.replies import keep
from anlan.county.office.permissions import public

log = logging.getLogger(__name__)
LONGEST = 256 * 1024  # of a push: some thousand receipts


@public
@csrf_exempt
def back(request: HttpRequest, channel: str, account: str, word: str) -> HttpResponse:
    """What a carrier's service says: stored first, and only then answered. It repeats what was not answered."""
    try:
        return _heard(request, channel, account, word)
    except TransportFailed as error:
        log.warning("callback of %s: %s", channel if channel in channels() else "no channel", error)
        return _plain(503, _("渠道账户文件有误，请联系本县管理员。"))
    except Unacceptable as refused:
        log.warning("callback of %s refused: %d", channel, refused.status)
        return _plain(refused.status, str(refused))
    except Exception as error:
        # A defect: its text may quote what was sent, and Django would log the address with its secret word.
        log.error("callback of %s failed: %s", channel, type(error).__name__)
        return _plain(500, _("没有存下来，请稍后再发。"))


def _heard(request: HttpRequest, channel: str, account: str, word: str) -> HttpResponse:
    pushing: Any = channels().get(channel)
    own = behind(channel, pushing.settings, account, word) if isinstance(pushing, Pushing) else None
    if own is None:
        return _plain(404, _("这里没有这个地址。"))  # the same for a wrong channel, account or word
    if request.method not in ("GET", "POST"):
        return _plain(405, _("只接受 GET 和 POST。"), {"Allow": "GET, POST"})
    body = request.read(LONGEST + 1) if request.method == "POST" else b""
    if len(body) > LONGEST:
        return _plain(413, _("内容过长，最多 256 KB。"))
    said = pushing.pushed(own, Push(request.method, request.GET.dict(), request.headers, body))
    if said.receipts or said.replies:
        with transaction.atomic():
            receive(receipts=said.receipts)
            keep(replies=said.replies)
    return HttpResponse(said.answer, content_type=said.content_type)


@public
def speech(request: HttpRequest, digest: str) -> HttpResponse:
    """What a voice gateway plays: a text that is read out to many anyway, under a name that only who has it knows."""
    found = speaking.kept(digest)
    if not found:
        return _plain(404, _("这里没有这个地址。"))
    return HttpResponse(found, content_type="audio/wav")


def _plain(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    answer = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8", headers=headers)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # or Django logs the address, with its secret word
    return answer
