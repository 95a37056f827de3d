"""Send mail, one for each address, over a protected connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import attrs

from ci_steps.errors import UsageError
from ci_steps.options import REQUIRED, option
from ci_steps.protocols import Delivery, Outcome
from ci_steps.writing.masking import forms_of

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.mail import MailAnswer, MailServer
    from ci_steps.protocols import Message

# What an answer means, by the verb that was answered: without a code (nothing came, or it
# was dropped), and for 5yz. A 4yz is never taken and may be tried again (RFC 5321, 4.2.1).
OUTCOMES = {
    "connect": (Outcome.NOT_TAKEN, Outcome.NOT_TAKEN),
    "starttls": (Outcome.NOT_TAKEN, Outcome.CONFIGURATION),
    "login": (Outcome.NOT_TAKEN, Outcome.CONFIGURATION),
    # A sender that is refused is ours to correct, for every mail that waits.
    "sender": (Outcome.NOT_TAKEN, Outcome.CONFIGURATION),
    "recipient": (Outcome.NOT_TAKEN, Outcome.RECIPIENT),
    # Dropped behind the final dot: the mail may be on its way.
    "data": (Outcome.UNKNOWN, Outcome.PAYLOAD),
}

# One conversation may take as many time-outs (`ci_steps.outside.mail`).
MOST_WAITS = 3

# RFC 4954: a stronger mechanism, log in first, encrypt first, wrong password. At any verb.
_LOGIN_CODES = frozenset({530, 534, 535, 538})
# 552 at MAIL: larger than the server takes (RFC 1870).
_TOO_LARGE = 552


@attrs.frozen(kw_only=True)
class Options:
    """What ci-steps.yaml may say under `email`."""

    host: str = option(REQUIRED, "Mail server that takes our mail.", example="mail.shop.example")
    port: int = option(587, "Port of the mail server.", at_least=1)
    security: str = option(
        "starttls",
        "How the connection is protected; the certificate is verified, plain is not protected.",
        choices=("starttls", "tls", "plain"),
    )
    sender: str = option(REQUIRED, "Address the mail comes from.", example="ci-steps@shop.example")
    reply_to: str = option("", "Address of answers; otherwise the owners of what was released.")
    user_env: str = option("", "Environment variable with the user name, where one is needed.")
    password_env: str = option("SMTP_PASSWORD", "Environment variable with the password.")
    calendar: bool = option(False, "Whether the deadline comes along as an entry for calendars.")
    ca_file: str = option("", "File with the certificates to trust instead of the system's.")
    timeout_seconds: float = option(20.0, "Seconds to wait for each answer.", at_least=1)


def payload(message: Message, address: str, options: Options) -> bytes:
    """Return the whole mail with its headers."""
    from ci_steps.notices.wording.letter import letter

    replies = (options.reply_to,) if options.reply_to else message.reply_to
    calendar = options.calendar
    return letter(message, sender=options.sender, to=address, reply_to=replies, calendar=calendar)


def plain(message: Message, address: str, options: Options) -> bytes:
    """Return a short mail without HTML, for a server that did not accept the whole one."""
    from ci_steps.notices.wording.letter import letter

    replies = (options.reply_to,) if options.reply_to else message.reply_to
    return letter(message, sender=options.sender, to=address, reply_to=replies, short=True)


def send(payload: bytes, address: str, options: Options, outside: Outside) -> Delivery:
    """Hand over one mail, once."""
    from ci_steps.notices.wording.letter import is_address

    if not is_address(options.sender):
        return Delivery(Outcome.CONFIGURATION, f"the sender {options.sender!r} is no mail address")
    if not is_address(address):
        return Delivery(Outcome.RECIPIENT, f"{address!r} is no mail address")
    try:
        server = _server(options, outside)
    except UsageError as error:
        return Delivery(Outcome.CONFIGURATION, str(error))
    answer = outside.send_mail(server, options.sender, address, payload)
    if answer.taken:
        return Delivery(Outcome.SENT, receipt=_line(answer, server))
    return Delivery(outcome_of(answer), _refused(answer, server, options))


def trouble(options: Options, outside: Outside) -> str:
    """Return why the server would take no mail of ours, or nothing; none is sent."""
    server = _server(options, outside)
    answer = outside.ask_mail(server)
    return _refused(answer, server, options) if answer else ""


def _refused(answer: MailAnswer, server: MailServer, options: Options) -> str:
    text = f"{options.host} at {answer.stage}: {_line(answer, server) or 'no answer'}"
    is_ours = outcome_of(answer) is Outcome.CONFIGURATION and answer.code and options.user_env
    return f"{text} (the password is in {options.password_env})" if is_ours else text


def outcome_of(answer: MailAnswer) -> Outcome:
    """Return what an answer that is not a success means."""
    no_code, refused = OUTCOMES[answer.stage]
    if answer.trouble and answer.stage != "data":
        # At MAIL it is the recipient's address that the server cannot write (SMTPUTF8).
        return Outcome.RECIPIENT if answer.stage == "sender" else Outcome.CONFIGURATION
    if answer.code in _LOGIN_CODES:
        return Outcome.CONFIGURATION
    if answer.code == _TOO_LARGE and answer.stage == "sender":
        return Outcome.PAYLOAD
    kind = answer.code // 100
    if kind == 4:  # noqa: PLR2004 (RFC 5321: 4yz, not now)
        return Outcome.NOT_TAKEN
    return refused if kind == 5 else no_code  # noqa: PLR2004 (RFC 5321: 5yz, never)


def workspace(options: Options) -> str:
    """Return what a pause concerns: the server."""
    return f"{options.host}:{options.port}"


def secrets(options: Options) -> tuple[str, ...]:
    """Return the variables without which nothing can be sent."""
    return (options.user_env, options.password_env) if options.user_env else ()


def _server(options: Options, outside: Outside) -> MailServer:
    from ci_steps.outside.mail import MailServer

    return MailServer(
        options.host,
        options.port,
        cast('Literal["starttls", "tls", "plain"]', options.security),
        outside.secret(options.user_env).strip() if options.user_env else "",
        outside.secret(options.password_env).strip() if options.user_env else "",
        options.timeout_seconds,
        options.ca_file,
    )


def _line(answer: MailAnswer, server: MailServer) -> str:
    """Return the server's words on one line, even if it repeats what it was told in secret."""
    text = " ".join(f"{answer.code or ''} {answer.text}".split())
    login = forms_of(f"\0{server.user}\0{server.password}") if server.password else ()
    for form in sorted({*login, *forms_of(server.password)}, key=len, reverse=True):
        text = text.replace(form, "***")
    return text
