"""The half of the door that only asks: a rehearsal asks the real world, too."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ci_steps.errors import UsageError
from ci_steps.outside import processes, scratch
from ci_steps.outside.processes import Finished
from ci_steps.outside.traces import Span, Trace
from ci_steps.writing.masking import SHORTEST_SECRET

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ci_steps.outside.aws import AwsApi, Clients
    from ci_steps.outside.mail import MailAnswer, MailServer
    from ci_steps.outside.slack import SlackAnswer
    from ci_steps.outside.web import Answer

_T = TypeVar("_T")
_R = TypeVar("_R")

_MOST_AT_ONCE = 64
_AWS_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class Asking:
    """What reads the world and changes nothing."""

    rehearsing = False

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        mask: Callable[[str], object] = lambda secret: None,
    ) -> None:
        self.environ: Mapping[str, str] = dict(os.environ if environ is None else environ)
        self._mask = mask
        self._secrets: set[str] = set()
        self.trace = Trace()
        self._aws_clients: Clients | None = None

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(timezone.utc)

    def today(self) -> date:
        """Return the day, in UTC."""
        return self.now().date()

    def seconds(self) -> float:
        """Return a clock that only ever goes forward, for measuring."""
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait between two questions to something that cannot tell us when it is ready."""
        time.sleep(seconds)

    def secret(self, name: str) -> str:
        """Return the secret in the environment variable *name*; it is masked from now on."""
        value = self.environ.get(name, "")
        if not value:
            raise UsageError(
                f"the environment variable {name} is not set",
                hint=f"It holds a secret: give {name} to the job as a credential.",
            )
        self._mask(value)
        if len(value) >= SHORTEST_SECRET:
            self._secrets.add(value)
        return value

    def hidden(self, text: str) -> str:
        """Return *text* without the secrets that were asked for, in whatever form they are."""
        from ci_steps.writing.masking import forms_of

        forms = {form for secret in self._secrets for form in forms_of(secret)}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, "***")
        return text

    def which(self, program: str) -> str | None:
        """Return where a program is, or None."""
        import shutil  # with all that reads archives

        return shutil.which(program, path=self.environ.get("PATH"))

    def ask(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_seconds: float = 60,
    ) -> Finished:
        """Run a command that only reads (``git ls-remote``); its output is in the answer."""
        with self._told(command) as span:
            environ = {**self.environ, **span.environ, **(env or {})}
            finished = processes.capture(command, cwd, environ, timeout_seconds)
            span.ended(finished)
        return finished

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = 5,
        limit_bytes: int = 1_000_000,
        follow_redirects: bool = True,
        at: str = "",
    ) -> Answer:
        """Read an address; OutsideError if nothing answers, too late or too much.

        *at* is one of the addresses that the name in *url* has.
        """
        from ci_steps.outside import web

        return web.get(
            url,
            dict(headers or {}),
            timeout_seconds,
            limit_bytes,
            follow_redirects=follow_redirects,
            at=at,
        )

    def addresses_of(self, url: str, *, timeout_seconds: float = 5) -> tuple[str, ...]:
        """Return the addresses of the machines that answer as *url*, where there are several."""
        from ci_steps.outside import lookups

        return lookups.addresses_of(url, timeout_seconds)

    def ask_slack(
        self,
        token: str,
        method: str,
        question: Mapping[str, Any],
        *,
        url: str,
        timeout_seconds: float,
    ) -> SlackAnswer:
        """Ask a method of Slack's web API that only reads."""
        from ci_steps.outside import slack

        return slack.ask(token, method, question, url, timeout_seconds)

    def ask_aws(
        self, api: AwsApi, operation: str, question: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Ask an operation of AWS that only reads; AwsError in its words if it gives no answer."""
        return self._aws(api, operation, question)

    def _aws(self, api: AwsApi, operation: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._aws_clients is None:
            from ci_steps.outside.aws import Clients

            self._aws_clients = Clients()
            for name in _AWS_SECRETS:
                self._mask(self.environ.get(name, ""))
        return self._aws_clients.call(api, operation, told)

    def ask_mail(self, server: MailServer) -> MailAnswer | None:
        """Ask a mail server whether it would talk with us; return what went wrong, or None."""
        from ci_steps.outside import mail

        return mail.greet(server)

    def ask_socket(
        self, path: Path, text: str, *, timeout_seconds: float = 5, limit_bytes: int = 5_000_000
    ) -> str:
        """Ask a program on a socket of this machine for what it knows (HAProxy's statistics)."""
        from ci_steps.outside import unix_sockets

        return unix_sockets.ask(path, text, timeout_seconds, limit_bytes)

    def _told(self, command: Sequence[str]) -> AbstractContextManager[Span]:
        return self.trace.command(Path(command[0]).name)

    def parallel(self, function: Callable[[_T], _R], questions: Iterable[_T]) -> list[_R]:
        """Return the answers in the order of the questions, all asked at once."""
        asked = list(questions)
        if len(asked) < 2:  # noqa: PLR2004 (one question needs no thread)
            return [function(question) for question in asked]
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(len(asked), _MOST_AT_ONCE)) as pool:
            return list(pool.map(function, asked))

    def scratch(self, files: Mapping[str, bytes]) -> AbstractContextManager[Path]:
        """Return a folder with *files* for a tool that reads; it is gone after the block."""
        return scratch.folder(files)

    def database_to_read(self, url: str) -> Engine:
        """Open the database of a dictionary that nobody can write through; no copy is made.

        NoDictionaryError if there is none.
        """
        from ci_steps.outside.databases import opening

        self._mask_password(url)
        return opening.open_to_read(url)

    def note_error(self, error: BaseException) -> None:
        """Hear of an error that nobody is shown: its words may hold what is secret."""

    def _mask_password(self, url: str) -> None:
        from urllib.parse import unquote

        from ci_steps.outside.databases.addresses import password_of

        password = password_of(url)
        for one in {password, unquote(password)}:
            self._mask(one)
