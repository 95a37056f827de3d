"""A real mail server on this machine, with certificates of its own authority."""

# ruff: noqa: N802 (names and arguments of the hooks are those of aiosmtpd)

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from asyncio import Server
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import MISSING, SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER, PASSWORD = "ci-steps", "not-a-real-password"


@dataclass
class Mail:
    """One mail that was taken."""

    sender: str
    recipients: list[str]
    content: bytes
    options: list[str]


# What a fault may be instead of an answer.
DROP, HANG = "drop", "hang"
_HANG_SECONDS = 1.3


@dataclass
class Mailbox:
    """What was taken, and what is answered instead of 250 at a verb.

    `drops` are the verbs behind which the connection is cut; after ``DATA`` the mail is
    taken all the same. `fault`, if there is one, chooses for every verb: an answer, `DROP` or
    `HANG`; ``TAKEN`` is behind the final dot, when the mail is there already.
    """

    answers: dict[str, str] = field(default_factory=dict)
    drops: frozenset[str] = frozenset()
    mails: list[Mail] = field(default_factory=list)
    port: int = 0
    fault: Callable[[str], str | None] = lambda verb: None

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        said = await self._answer(server, "EHLO")
        return answers if said == "250 OK" else [said]

    async def handle_AUTH(self, server: Any, session: Any, envelope: Any, args: list[str]) -> Any:
        said = await self._answer(server, "AUTH")
        return MISSING if said == "250 OK" else said

    async def starttls(self, server: Any) -> str:
        """Return what is answered instead of beginning to encrypt, or nothing."""
        said = await self._answer(server, "STARTTLS")
        return "" if said == "250 OK" else said

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer(server, "MAIL")

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer(server, "RCPT")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        refused = self.fault("DATA")
        if refused is not None:
            return await self._answer(server, "DATA", refused)
        if "DATA" not in self.answers:
            self.mails.append(
                Mail(
                    envelope.mail_from,
                    list(envelope.rcpt_tos),
                    envelope.original_content,
                    list(envelope.mail_options),
                )
            )
        said = await self._answer(server, "DATA", "")
        return said if said != "250 OK" else await self._answer(server, "TAKEN")

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return self.answers.get("QUIT", "221 bye")

    async def _answer(self, server: Any, verb: str, fault: str | None = None) -> str:
        chosen = self.fault(verb) if fault is None else fault
        if chosen == HANG:
            await asyncio.sleep(_HANG_SECONDS)  # what hangs is this
        if chosen in (DROP, HANG) or verb in self.drops:
            server.transport.abort()
        return chosen or self.answers.get(verb, "250 OK")


class _Server(SMTP):
    async def smtp_STARTTLS(self, arg: str) -> None:
        said = await self.event_handler.starttls(self)
        if said in (DROP, HANG):
            return  # nobody is there any more
        if said:
            await self.push(said)
        else:
            await super().smtp_STARTTLS(arg)


class _Listening(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        # Port 0 asks for any free port; the first connection must go to the one we got.
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, login: bool = False, utf8: bool = True, **settings: Any
) -> Iterator[Mailbox]:
    """Take mail on a free port; *settings* are those of Mailbox."""
    mailbox = Mailbox(**settings)

    def authenticate(server: Any, session: Any, envelope: Any, how: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and given == LoginPassword(
            USER.encode(), PASSWORD.encode()
        )
        # handled=False lets aiosmtpd answer 535 itself.
        return AuthResult(success=known, handled=False)

    options: dict[str, Any] = {"enable_SMTPUTF8": utf8, "hostname": "127.0.0.1", "port": 0}
    if tls:
        options |= {"tls_context": tls, "require_starttls": True}
    if login:
        options |= {"authenticator": authenticate, "auth_required": True}
        options |= {"auth_require_tls": tls is not None}
    listening = _Listening(mailbox, server_hostname="mail.shop.example", **options)
    listening.start()
    mailbox.port = listening.port
    try:
        yield mailbox
    finally:
        listening.stop()


@dataclass(frozen=True)
class Authority:
    """A certificate authority, and a server certificate of it for 127.0.0.1 or a name."""

    ca_file: Path
    context: ssl.SSLContext


def authority(folder: Path, name: str = "IP:127.0.0.1") -> Authority:
    """Make an authority and a certificate; without openssl the test is skipped."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: that TLS is verified was not proven")
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    # Python 3.13 asks an authority for what RFC 5280 asks of it.
    signs = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    root = ("-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test CA")
    openssl("req", "-x509", *new, *root, *signs)
    openssl("req", *new, "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=127.0.0.1")
    (folder / "names").write_text(
        f"subjectAltName={name}\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    )
    signed_by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
    openssl("x509", "-req", "-in", "csr.pem", *signed_by, "-out", "cert.pem", "-days", "2")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Authority(folder / "ca.pem", context)
