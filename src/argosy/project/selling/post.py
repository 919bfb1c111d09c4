"""Letters to tenants: written to the outbox as files of mail (RFC 5322), and sent by SMTP where one is named."""

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from argosy.core.errors import MachineError

SECRET_IN = "ARGOSY_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
"""The environment variable with the password of the user that the server's URL names."""
_SECONDS = 30.0
_MICRO = 1_000_000
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A text with a page attached; ``id`` is the same for the same letter, ``at`` microseconds since the epoch."""

    id: str
    sender: str
    to: str
    subject: str
    text: str
    page: bytes = b""
    at: int = 0


def put(letter: Letter, outbox: Path) -> Path:
    """Write the letter to the outbox; the same letter to the same file."""
    outbox.mkdir(parents=True, exist_ok=True)
    path = outbox / f"{letter.id}.eml"
    draft = path.with_suffix(".part")
    draft.write_bytes(_mail(letter).as_bytes())
    os.replace(draft, path)
    return path


def send(letter: Letter, server: str) -> None:
    """Send it by ``smtp://USER@HOST:PORT`` (with STARTTLS, unless the host is this machine) or ``smtps://…``.

    Raises MachineError where the server does not take it.
    """
    place = urlsplit(server)
    try:
        with _connection(place) as connection:
            if place.username:
                connection.login(place.username, os.environ.get(SECRET_IN, ""))
            connection.send_message(_mail(letter))
    except (OSError, smtplib.SMTPException) as error:
        raise MachineError(
            "The letter {id} could not be sent: {reason}.",
            where=f"{place.hostname}",
            mend="It lies in the outbox. Look at [seller] smtp and {variable}, then run the same command again.",
            id=letter.id,
            reason=type(error).__name__,
            variable=SECRET_IN,
        ) from error


@contextmanager
def _connection(place: SplitResult) -> Iterator[smtplib.SMTP]:
    host, port = place.hostname or "", place.port or _PORTS[place.scheme]
    if place.scheme == "smtps":
        with smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context()) as connection:
            yield connection
        return
    with smtplib.SMTP(host, port, timeout=_SECONDS) as connection:
        if host not in {"127.0.0.1", "::1", "localhost"}:
            connection.starttls(context=ssl.create_default_context())
        yield connection


def _mail(letter: Letter) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = letter.sender or "billing@localhost"
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(letter.at // _MICRO, UTC))
    mail["Message-ID"] = f"<{letter.id}@argosy>"
    mail.set_content(letter.text)
    if letter.page:
        mail.add_attachment(letter.page.decode(), subtype="html", filename=f"{letter.id}.html")
        mail.set_boundary(f"=={letter.id}==")
    return mail
