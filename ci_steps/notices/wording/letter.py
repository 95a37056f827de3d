"""A message as a mail: the very bytes, the same whenever they are made."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import TYPE_CHECKING

from ci_steps.notices.wording.calendar_entry import calendar_entry
from ci_steps.notices.wording.render import words
from ci_steps.notices.wording.spans import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.protocols import Message

_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")
_UNKNOWN_SENDER = "ci-steps@localhost"
_NOBODY = "undisclosed-recipients:;"  # RFC 5322, section 3.4: a group without members


def is_address(text: str) -> bool:
    """Return whether *text* is one plain mail address, with nothing that could begin another."""
    return _ADDRESS.fullmatch(text) is not None


def letter(
    message: Message,
    *,
    sender: str,
    to: str,
    reply_to: tuple[str, ...] = (),
    calendar: bool = False,
    short: bool = False,
) -> bytes:
    """Return *message* as a mail of two parts, text and HTML, with everything in it fixed.

    What is no address does not get into a header: whoever sends the mail refuses it. With
    *calendar* the deadline is a third part; a *short* one has a sentence and nothing else.
    """
    sender = sender if is_address(sender) else _UNKNOWN_SENDER
    domain = sender.rpartition("@")[2]
    said = words(message)
    mail = _addressed(message, sender, to, [one for one in reply_to if is_address(one)])
    mail["Subject"] = said.subject
    _identify(mail, message, domain)
    if short:
        mail.set_content(f"{said.summary}\n\n{clean(message.url)}\n", cte="quoted-printable")
        return mail.as_bytes()
    mail.set_content(said.text, cte="quoted-printable")
    mail.add_alternative(said.html, subtype="html", cte="quoted-printable")
    entry = calendar_entry(message, said.summary, domain) if calendar else ""
    if entry:
        # Base64, for a line break that is changed makes it no entry; and the method said twice,
        # in the part and in its type, or Outlook shows an attachment that it cannot read.
        content, kind = entry.encode(), {"method": "PUBLISH", "charset": "utf-8"}
        mail.add_alternative(content, maintype="text", subtype="calendar", params=kind)
    mail.set_boundary(f"=_ci-steps_{message.key}")
    return mail.as_bytes()


def _addressed(message: Message, sender: str, to: str, replies: Sequence[str]) -> EmailMessage:
    is_ascii = all(one.isascii() for one in (sender, to, *replies))
    mail = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
    mail["From"] = _named(f"ci-steps for {message.provider}", sender)
    mail["To"] = _named("", to) if is_address(to) else _NOBODY
    if replies:
        mail["Reply-To"] = [_named("", one) for one in replies]
    return mail


def _identify(mail: EmailMessage, message: Message, domain: str) -> None:
    """Say which message it is, which one it answers, and that no person has written it."""
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.key}@{domain}>"
    if message.root_key:
        mail["In-Reply-To"] = mail["References"] = f"<{message.root_key}@{domain}>"
    # RFC 3834; and no answers from those who are away, but bounces are welcome.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail["List-Id"] = f"Breaking releases <breaking.{domain}>"
    mail["X-CI-Steps-Key"] = message.key
    mail["X-CI-Steps-Event"] = clean(f"{message.to}/{message.environment}")
    mail["X-CI-Steps-Stage"] = message.stage


def _named(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(clean(name), local, domain)
