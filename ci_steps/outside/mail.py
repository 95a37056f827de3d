"""A mail server, one mail for one address at a time."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

from ci_steps.outside.deadlines import LateError, in_time

_T = TypeVar("_T")

MOST_WAITS = 3

_GOODBYE_SECONDS = 2.0


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and how the connection is protected.

    `security` is ``starttls`` (verified), ``tls`` (verified, from the first byte) or
    ``plain``, which must be written out.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "plain"] = "starttls"
    user: str = ""
    password: str = ""
    timeout_seconds: float = 20.0
    ca_file: str = ""

    @property
    def whole_seconds(self) -> float:
        """How long the whole conversation may take, however its answers trickle in."""
        return MOST_WAITS * self.timeout_seconds


@dataclass(frozen=True)
class MailAnswer:
    """What the server answered.

    `stage` is the verb that was answered: ``connect``, ``starttls``, ``login``, ``sender``,
    ``recipient``, ``data`` or ``sent``. `code` is 0 when no answer came. After ``data``
    without a code the server may have taken the mail all the same. `trouble` says which of
    our own conditions the server does not meet: ``certificate`` or ``unsupported``.
    """

    stage: str
    code: int
    text: str = ""
    trouble: str = ""

    @property
    def taken(self) -> bool:
        """Return whether the server has taken the mail."""
        return self.stage == "sent"


def send(server: MailServer, sender: str, recipient: str, message: bytes) -> MailAnswer:
    """Hand over one mail; nothing is raised, every outcome is an answer."""
    return _talk(server, lambda smtp: _hand_over(smtp, server, sender, recipient, message))


def greet(server: MailServer) -> MailAnswer | None:
    """Connect, protect the connection, log in and leave; return what went wrong, or None."""
    return _talk(server, lambda smtp: _enter(smtp, server))


def _talk(server: MailServer, say: Callable[[smtplib.SMTP], _T]) -> _T | MailAnswer:
    """Say something to a server, within the time that it has for all of it."""
    began = time.monotonic()
    try:
        smtp = in_time(lambda: _connect(server), server.whole_seconds)
    except (LateError, smtplib.SMTPException, OSError, ValueError) as error:
        return _answer("connect", error)
    left = server.whole_seconds - (time.monotonic() - began)
    # The time limit of a socket is for each piece of an answer.
    watch = threading.Timer(max(0.0, left), _cut, (smtp,))
    watch.daemon = True
    watch.start()
    try:
        return say(smtp)
    finally:
        watch.cancel()
        _quit(smtp)


def _cut(smtp: smtplib.SMTP) -> None:
    with suppress(OSError):
        if smtp.sock:
            smtp.sock.shutdown(socket.SHUT_RDWR)


def _enter(smtp: smtplib.SMTP, server: MailServer) -> MailAnswer | None:
    stage = "connect"
    try:
        _greet(smtp)
        if server.security == "starttls":
            stage = "starttls"
            smtp.starttls(context=_context(server))
            _greet(smtp)
        if server.user:
            stage = "login"
            smtp.login(server.user, server.password)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return _answer(stage, error)
    return None


def _greet(smtp: smtplib.SMTP) -> None:
    """Say hello, in the old words where the server knows no others.

    One that only cannot just now would seem to offer neither encryption nor a log-in then.
    """
    code, text = smtp.ehlo()
    if code // 100 == 4:  # noqa: PLR2004 (RFC 5321: 4yz, not now)
        raise smtplib.SMTPResponseException(code, text)
    if code // 100 != 2:  # noqa: PLR2004 (RFC 5321: 2yz is taken)
        _expect(smtp.helo())


def _hand_over(
    smtp: smtplib.SMTP, server: MailServer, sender: str, recipient: str, message: bytes
) -> MailAnswer:
    if refused := _enter(smtp, server):
        return refused
    stage = "sender"
    try:
        _expect(smtp.mail(sender, _mail_options(smtp, sender, recipient)))
        stage = "recipient"
        _expect(smtp.rcpt(recipient))
        stage = "data"
        code, text = smtp.data(message)
        _expect((code, text))
        return MailAnswer("sent", code, _shown(text))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return _answer(stage, error)


def _quit(smtp: smtplib.SMTP) -> None:
    """Say goodbye; whatever the answer is, it does not change what was answered before."""
    with suppress(smtplib.SMTPException, OSError, ValueError):
        if smtp.sock:
            smtp.sock.settimeout(_GOODBYE_SECONDS)
        smtp.quit()
    smtp.close()


def _answer(stage: str, error: Exception) -> MailAnswer:
    if isinstance(error, smtplib.SMTPResponseException):
        return MailAnswer(stage, error.smtp_code, _shown(error.smtp_error))
    text = str(error) or type(error).__name__
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return MailAnswer(stage, 0, text, "certificate")
    # `login` raises the plain class when the server offers no way to log in that we know.
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        return MailAnswer(stage, 0, text, "unsupported")
    return MailAnswer(stage, 0, text)


def _shown(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout_seconds, context=_context(server)
        )
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)


def _context(server: MailServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file or None)


def _mail_options(smtp: smtplib.SMTP, *addresses: str) -> list[str]:
    if all(address.isascii() for address in addresses):
        return []
    if not smtp.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("the server does not take addresses beyond ASCII")
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _expect(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if not 200 <= code < 300:  # noqa: PLR2004 (RFC 5321: 2yz is taken)
        raise smtplib.SMTPResponseException(code, text)
