"""The real world for somebody who looks for a mistake: it says what is said to it.

Whatever is said here is written by the console, which hides the secrets it knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from ci_steps.outside import Outside
from ci_steps.outside.processes import written

if TYPE_CHECKING:
    from ci_steps.outside.aws import AwsApi
    from ci_steps.outside.mail import MailAnswer, MailServer
    from ci_steps.outside.processes import Finished
    from ci_steps.outside.slack import SlackAnswer
    from ci_steps.outside.web import Answer, Posted

_SHOWN = 300
_MACHINE = re.compile(r"(\w+://)(?:[^/\s]*@)?([^/?#\s@]*)")


class DebuggingOutside(Outside):
    """Does all that `Outside` does, and says what it asked, what came back, and when."""

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        mask: Callable[[str], object] = lambda secret: None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        super().__init__(environ, mask)
        self._say = say

    def note_error(self, error: BaseException) -> None:
        """Say where it came from."""
        self._say("".join(format_exception(error)))

    def ask(self, command: Sequence[str], **how: Any) -> Finished:
        """Say how a command ended that only reads."""
        with self._timed(written(command)) as answers:
            finished = super().ask(command, **how)
            answers.append(finished.how)
        return finished

    def run(self, command: Sequence[str], **how: Any) -> Finished:
        """Say how a command ended; its output is seen anyway."""
        with self._timed(written(command)) as answers:
            finished = super().run(command, **how)
            answers.append(finished.how)
        return finished

    def get(self, url: str, **how: Any) -> Answer:
        """Say what an address answered."""
        with self._timed(f"GET {_place(url)}") as answers:
            answer = super().get(url, **how)
            answers.append(f"HTTP {answer.status} {_short(answer.text)}")
        return answer

    def post(self, url: str, body: bytes, **how: Any) -> Posted:
        """Say what an address answered; its path may be a secret."""
        method = how.get("method", "POST")
        with self._timed(f"{method} {len(body):,} bytes to {_place(url)}") as answers:
            posted = super().post(url, body, **how)
            status = posted.problem or f"HTTP {posted.status}"
            answers.append(f"{status}{_later(posted.retry_after)} {_short(posted.text)}")
        return posted

    def ask_slack(
        self, token: str, method: str, question: Mapping[str, Any], **how: Any
    ) -> SlackAnswer:
        """Say what Slack answered to a question."""
        with self._timed(f"Slack {method} {dict(question)}") as answers:
            answer = super().ask_slack(token, method, question, **how)
            answers.append(_slack(answer))
        return answer

    def call_slack(
        self, token: str, method: str, body: Mapping[str, Any], **how: Any
    ) -> SlackAnswer:
        """Say what Slack answered to a message."""
        with self._timed(f"Slack {method} to {body.get('channel', '')}") as answers:
            answer = super().call_slack(token, method, body, **how)
            answers.append(_slack(answer))
        return answer

    def _aws(self, api: AwsApi, operation: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say what AWS was asked, not what it was told: that may be secret."""
        with self._timed(f"{api.service} {operation}") as answers:
            answer = super()._aws(api, operation, told)
            answers.append("answered")
        return answer

    def ask_mail(self, server: MailServer) -> MailAnswer | None:
        """Say how a mail server greets."""
        with self._timed(_mail(server)) as answers:
            answer = super().ask_mail(server)
            answers.append(_mailed(answer) if answer else "it would take mail")
        return answer

    def send_mail(
        self, server: MailServer, sender: str, recipient: str, message: bytes
    ) -> MailAnswer:
        """Say at which verb a mail server answered what."""
        what = f"{_mail(server)}: {len(message):,} bytes from {sender} to {recipient}"
        with self._timed(what) as answers:
            answer = super().send_mail(server, sender, recipient, message)
            answers.append(_mailed(answer))
        return answer

    @contextmanager
    def _timed(self, what: str) -> Iterator[list[str]]:
        answers: list[str] = []
        began = self.seconds()
        try:
            yield answers
        except Exception as error:
            answers.append(f"{type(error).__name__}: {error}")
            raise
        finally:
            said = " ".join(" ".join(answers).split())
            self._say(f"{what} -> {said} ({self.seconds() - began:.2f} s)")


def _place(url: str) -> str:
    """Return the machine in an address; what is behind it may be a secret."""
    found = _MACHINE.match(url)
    return f"{found[1]}{found[2]}/…" if found else "an address"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _later(retry_after: str) -> str:
    return f", Retry-After {retry_after}" if retry_after else ""


def _slack(answer: SlackAnswer) -> str:
    word = answer.error or "ok"
    more = {name: answer.body[name] for name in ("needed", "provided") if name in answer.body}
    said = f"HTTP {answer.status} {word}" if answer.status else word
    why = f" ({answer.why})" if answer.why else ""
    return f"{said}{why}{_later(answer.retry_after)} {more or ''}"


def _mail(server: MailServer) -> str:
    who = f", as {server.user}" if server.user else ""
    return f"mail server {server.host}:{server.port} ({server.security}{who})"


def _mailed(answer: MailAnswer) -> str:
    return f"{answer.stage}: {answer.code or ''} {answer.text} {answer.trouble}"
