"""How notices leave the desk: not at all (they stay in the outbox), by SMTP, or by GOV.UK Notify. The settings choose."""

import smtplib
from email.message import EmailMessage
from typing import Any

from desk.notices import Outgoing, Sender, SendError
from desk.service import service
from desk.settings import Settings

_WAIT = 30.0  # seconds for a mail server


class NoSenderError(ValueError):
    """A sender was chosen that lacks a setting; the message says which."""


def senders(settings: Settings) -> dict[str, Sender]:
    """Return the senders by channel. Raises NoSenderError where one is chosen but not set up."""
    chosen: dict[str, Sender] = {}
    if settings.email_sender == "smtp":
        chosen["email"] = SmtpSender(settings, settings.email_from or service().email)
    if settings.email_sender == "notify":
        chosen["email"] = NotifyEmail(_notify(settings), _needed(settings.notify_email_template, "DESK_NOTIFY_EMAIL_TEMPLATE"))
    if settings.text_sender == "notify":
        chosen["text"] = NotifyText(_notify(settings), _needed(settings.notify_text_template, "DESK_NOTIFY_TEXT_TEMPLATE"))
    return chosen


class SmtpSender:
    """Emails by a mail server, the calendar file attached."""

    def __init__(self, settings: Settings, sender: str) -> None:
        self._settings = settings
        self._from = sender

    def send(self, message: Outgoing) -> None:
        settings = self._settings
        try:
            with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_WAIT) as server:
                if settings.smtp_starttls:
                    server.starttls()
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
                server.send_message(email_of(message, self._from))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise SendError("the address was refused", for_good=all(code >= 500 for code in codes)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise SendError(str(error)) from error


def email_of(message: Outgoing, sender: str) -> EmailMessage:
    """Return a notice as an email."""
    email = EmailMessage()
    email["From"] = sender
    email["To"] = message.to
    email["Subject"] = message.subject
    email["Message-ID"] = f"<{message.id}>"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(message.text)
    if message.calendar is not None:
        method = {"method": message.calendar_method, "charset": "utf-8"}
        email.add_attachment(message.calendar, maintype="text", subtype="calendar", filename="session.ics", params=method)
    return email


class NotifyEmail:
    """Emails by GOV.UK Notify. Its files are links on its own site, so the calendar file is left to the booking's page."""

    def __init__(self, client: Any, template: str) -> None:
        self._client = client
        self._template = template

    def send(self, message: Outgoing) -> None:
        words = {"subject": message.subject, "message": message.text}
        with _notify_errors():
            self._client.send_email_notification(message.to, self._template, personalisation=words, reference=message.id)


class NotifyText:
    """Text messages by GOV.UK Notify."""

    def __init__(self, client: Any, template: str) -> None:
        self._client = client
        self._template = template

    def send(self, message: Outgoing) -> None:
        with _notify_errors():
            self._client.send_sms_notification(message.to, self._template, personalisation={"message": message.text}, reference=message.id)


class _notify_errors:  # noqa: N801
    """Errors of Notify as SendError: what it refuses (400, 403, 404) stays refused, its limits and failures pass."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception):
            status = getattr(error, "status_code", 503)
            raise SendError(f"GOV.UK Notify: {status} {getattr(error, 'message', '')}", for_good=status in (400, 403, 404)) from error


def _notify(settings: Settings) -> Any:
    from notifications_python_client.notifications import NotificationsAPIClient

    return NotificationsAPIClient(  # type: ignore[no-untyped-call]
        _needed(settings.notify_api_key.get_secret_value(), "DESK_NOTIFY_API_KEY")
    )


def _needed(value: str, name: str) -> str:
    if not value:
        raise NoSenderError(f"{name} is not set: it is needed to send by GOV.UK Notify.")
    return value
