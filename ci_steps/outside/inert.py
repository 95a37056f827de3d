"""The world of a rehearsal: it can be read and not touched.

Everything of `Outside` that touches is replaced here; a test compares the two classes, so
that a new method cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.outside import Outside
from ci_steps.outside.processes import Finished, written
from ci_steps.outside.traces import Span

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ci_steps.outside.aws import AwsApi
    from ci_steps.outside.control import Control
    from ci_steps.outside.mail import MailAnswer, MailServer
    from ci_steps.outside.slack import SlackAnswer
    from ci_steps.outside.web import Posted

# What operations of AWS call the thing that they change.
_AWS_NAMES = ("serviceName", "service", "family", "resourceArn")


class InertOutside(Outside):
    """Says what would be done, does none of it, and supposes that it would succeed."""

    rehearsing = True

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        mask: Callable[[str], object] = lambda secret: None,
        would: Callable[[str], None] = lambda what: None,
    ) -> None:
        super().__init__(environ, mask)
        self._would = would

    def pause(self, seconds: float) -> None:
        """Wait for nothing: nothing was started."""

    @contextmanager
    def traced(
        self, name: str, facts: Mapping[str, str], warn: Callable[[str], None]
    ) -> Iterator[Span]:
        """Trace nothing: a collector would take it for a run."""
        yield Span()

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
        on_line: Callable[[str], None] = lambda line: None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> Finished:
        """Say which command would run."""
        self._would(f"run {written(command)}")
        return Finished(tuple(command), 0, assumed=True)

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        log: Path,
    ) -> int:
        """Say which process would be started."""
        self._would(f"start {written(command)}")
        return 0

    def supervisor(self, folder: Path, name: str) -> Control:
        """Start nothing, connect with nothing; what would be asked is said."""
        from ci_steps.outside.control import InertControl

        return InertControl(self._would, name)

    def guarded(self, file: Path, restore: Sequence[str]) -> AbstractContextManager[None]:
        """Guard nothing: nothing is changed."""
        return nullcontext()

    def settle_guarded(self, file: Path) -> bool:
        """Restore nothing."""
        return False

    def standing_in(
        self, host: str, port: int, *, how: str, delay_seconds: float, bytes_per_second: int
    ) -> AbstractContextManager[int]:
        """Listen nowhere; say in whose place."""
        self._would(f"stand in for {host}:{port}")
        return nullcontext(0)

    def write(self, path: Path, content: bytes | Iterable[bytes]) -> None:
        """Write nothing; files of ours are not worth a line."""

    def locked(self, path: Path, *, wait: bool = True) -> AbstractContextManager[None]:
        """Lock nothing: nothing is written."""
        return nullcontext()

    def append(self, path: Path, text: str) -> None:
        """Write nothing."""

    def copy(self, root: Path, to: Path, leave_out: Collection[str]) -> None:
        """Copy nothing."""

    def remove(self, path: Path) -> None:
        """Remove nothing."""

    def call_slack(
        self, token: str, method: str, body: Mapping[str, Any], *, url: str, timeout_seconds: float
    ) -> SlackAnswer:
        """Say which call would be made."""
        from ci_steps.outside.slack import SlackAnswer

        self._would(f"call Slack's {method} for {body.get('channel', '')}")
        return SlackAnswer(200, {"ok": True})

    def call_aws(self, api: AwsApi, operation: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say which operation would be called, and what for."""
        name = next((f" for {told[key]}" for key in _AWS_NAMES if key in told), "")
        self._would(f"call {operation} of {api.service}{name}")
        return {}

    def tell_socket(self, path: Path, text: str, *, timeout_seconds: float = 5) -> str:
        """Say what would be told."""
        self._would(f"tell {path}: {text}")
        return ""

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str],
        timeout_seconds: float,
        method: str = "POST",
    ) -> Posted:
        """Say that something would be posted; that address may be a secret."""
        from ci_steps.outside.web import Posted

        self._would(f"put {url}" if method == "PUT" else "post to a webhook")
        return Posted(200, "ok")

    def send_mail(
        self, server: MailServer, sender: str, recipient: str, message: bytes
    ) -> MailAnswer:
        """Say to whom a mail would go."""
        from ci_steps.outside.mail import MailAnswer

        self._would(f"send a mail to {recipient}")
        return MailAnswer("sent", 250)

    def database(self, url: str) -> Engine:
        """Open a copy in memory: what the steps record is seen by later steps, and gone after."""
        from ci_steps.outside.databases import opening

        self._mask_password(url)
        return opening.open_copy(url)
