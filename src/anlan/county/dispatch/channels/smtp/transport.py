"""Sends e-mail through the county's mail server: `ANLAN_SMTP=smtp://user:password@host:587/?from=anlan@county.example`.

`smtps://` speaks TLS from the start; `smtp://…?tls=1` turns it on with STARTTLS and sends nothing without it.
"""

import hashlib
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from anlan.county import clock
from anlan.county.dispatch.channels.shape import Outcome, Outgoing, TransportFailed, fail_all

TIMEOUT_S = 15.0


class Channel:
    """One connection per batch, one message per address."""

    name = "smtp"
    kinds = frozenset({"email"})
    safe_for_exercise = False
    batch = 50

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Send each; where the connection breaks, what was not yet sent fails for now."""
        sender = _sender()
        outcomes: list[Outcome] = []
        try:
            with _connect() as server:
                for message in messages:
                    outcomes.append(_send_one(server, sender, message))
        except (OSError, smtplib.SMTPException) as error:
            if not outcomes:
                raise TransportFailed(f"smtp: {_reason(error)}") from error
        return outcomes + fail_all(messages[len(outcomes) :], "smtp: connection lost", permanent=False)


def _url() -> str:
    if not settings.SMTP_URL:
        raise TransportFailed("smtp: no server is set (ANLAN_SMTP)")
    return str(settings.SMTP_URL)


def _sender() -> str:
    parts = urlsplit(_url())
    return parse_qs(parts.query).get("from", [f"anlan@{parts.hostname}"])[0]


def _connect() -> smtplib.SMTP:
    parts = urlsplit(_url())
    host, secure = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=secure)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)
    try:
        if "tls" in parse_qs(parts.query):
            server.starttls(context=secure)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _send_one(server: smtplib.SMTP, sender: str, message: Outgoing) -> Outcome:
    try:
        server.send_message(_mail(sender, message), from_addr=sender, to_addrs=[message.address])
    except smtplib.SMTPRecipientsRefused as refused:
        code, _text = next(iter(refused.recipients.values()))
        return Outcome(message.pk, f"smtp: {code}", permanent=code >= 500)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPResponseException as error:
        return Outcome(message.pk, f"smtp: {error.smtp_code}", permanent=error.smtp_code >= 500)
    except (ValueError, UnicodeError, smtplib.SMTPNotSupportedError):
        return Outcome(message.pk, "smtp: not an address", permanent=True)
    return Outcome(message.pk)


def _mail(sender: str, message: Outgoing) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, message.address
    mail["Subject"] = " ".join((message.subject or message.body[:30]).split())
    mail["Date"] = format_datetime(clock.now())
    # The same message sent twice has the same id, so that the reader's mailbox can show it once.
    mail["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@anlan>"
    mail.set_content(message.body)
    return mail


def _reason(error: Exception) -> str:
    """What went wrong, without what the server echoed of the message."""
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()
