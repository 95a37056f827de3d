"""The only door to the world: processes, network, clock, environment and written files.

Methods come in two kinds. Those of `Asking` read the world and change nothing; those of
`Outside` touch it, and `ci_steps.outside.inert` replaces every one of them for a rehearsal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.outside import files, processes
from ci_steps.outside.asking import Asking
from ci_steps.outside.processes import Finished
from ci_steps.outside.traces import Span, Trace
from ci_steps.outside.tracing import trace_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ci_steps.outside.aws import AwsApi
    from ci_steps.outside.control import Control
    from ci_steps.outside.mail import MailAnswer, MailServer
    from ci_steps.outside.slack import SlackAnswer
    from ci_steps.outside.web import Posted

_SOCKET_ANSWER_BYTES = 100_000


class Outside(Asking):
    """The real world: what touches it, and all that can be asked of it."""

    @contextmanager
    def traced(
        self, name: str, facts: Mapping[str, str], warn: Callable[[str], None]
    ) -> Iterator[Span]:
        """Trace what is done in the block, where the standard variables ask for it.

        A collector that is gone is worth a warning, and fails nothing.
        """
        self.trace = trace_of(self.environ, warn)
        try:
            with self.trace.span(name, facts) as span:
                yield span
        finally:
            if problem := self.trace.send():
                warn(f"no trace is sent: {problem}")
            self.trace = Trace()

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
        """Run a command to its end, handing over each line of output as it comes.

        What *meanwhile* does is done while the command begins; an error of it ends both.
        The command and all it started are gone when this returns or is interrupted.
        """
        with self._told(command) as span:
            environ = {**self.environ, **span.environ, **(env or {})}
            finished = processes.stream(command, cwd, environ, timeout_seconds, on_line, meanwhile)
            span.ended(finished)
        return finished

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        log: Path,
    ) -> int:
        """Start a process that outlives this one; return its id. Its output goes to *log*."""
        return processes.start(command, cwd, {**self.environ, **(env or {})}, log)

    def supervisor(self, folder: Path, name: str) -> Control:
        """Return a connection with the supervisor of a service, which is started if need be."""
        from ci_steps.outside import control

        return control.supervisor(folder, name, self.environ)

    def guarded(self, file: Path, restore: Sequence[str]) -> AbstractContextManager[None]:
        """Run *restore* after the block, whatever becomes of it and of this process.

        *file* remembers it until then. OutsideError if it could not be restored.
        """
        from ci_steps.outside import guards

        return guards.guarded(file, restore, self.environ)

    def settle_guarded(self, file: Path) -> bool:
        """Restore what a guardian that was killed has left; return whether there was anything."""
        from ci_steps.outside import guards

        return guards.settle(file, self.environ)

    def standing_in(
        self, host: str, port: int, *, how: str, delay_seconds: float, bytes_per_second: int
    ) -> AbstractContextManager[int]:
        """Return a port of ours for the block: it refuses, or is slow in front of another one."""
        from ci_steps.outside import stand_ins

        slowness = stand_ins.Slowness(delay_seconds, bytes_per_second)
        return stand_ins.slow(host, port, slowness) if how == "slow" else stand_ins.refusing()

    def write(self, path: Path, content: bytes | Iterable[bytes]) -> None:
        """Write a file, perhaps in pieces, whole or not at all; folders on the way are made."""
        files.write(path, content)

    def locked(self, path: Path, *, wait: bool = True) -> AbstractContextManager[None]:
        """Be the only one who holds the lock file *path* until the end of the block.

        RefusedError if somebody else holds it and we do not *wait*. Who is killed holds nothing.
        """
        return files.locked(path, wait=wait)

    def append(self, path: Path, text: str) -> None:
        """Add text to a file that the CI host reads."""
        files.append(path, text)

    def copy(self, root: Path, to: Path, leave_out: Collection[str]) -> None:
        """Copy a folder without the names in *leave_out*, whole or not at all."""
        from ci_steps.outside import trees

        trees.copy(root, to, leave_out)

    def remove(self, path: Path) -> None:
        """Remove a file or a folder that may not be there."""
        files.remove(path)

    def call_slack(
        self, token: str, method: str, body: Mapping[str, Any], *, url: str, timeout_seconds: float
    ) -> SlackAnswer:
        """Call a method of Slack's web API, once, without hidden retries."""
        from ci_steps.outside import slack

        return slack.call(token, method, body, url, timeout_seconds)

    def call_aws(self, api: AwsApi, operation: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let an operation of AWS change something; AwsError in its words if it does not."""
        return self._aws(api, operation, told)

    def tell_socket(self, path: Path, text: str, *, timeout_seconds: float = 5) -> str:
        """Tell a program on a socket of this machine something; return what it answers."""
        from ci_steps.outside import unix_sockets

        return unix_sockets.ask(path, text, timeout_seconds, _SOCKET_ANSWER_BYTES)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str],
        timeout_seconds: float,
        method: str = "POST",
    ) -> Posted:
        """Post to an address, once; or what else *method* says: PUT, PATCH."""
        from ci_steps.outside import web

        return web.post(url, body, headers, timeout_seconds, method)

    def send_mail(
        self, server: MailServer, sender: str, recipient: str, message: bytes
    ) -> MailAnswer:
        """Hand one mail for one address to a mail server, once."""
        from ci_steps.outside import mail

        return mail.send(server, sender, recipient, message)

    def database(self, url: str) -> Engine:
        """Open the database of a dictionary; in a rehearsal a copy that is thrown away.

        UsageError if it is a file in the workspace of a CI job.
        """
        from ci_steps.outside.databases import addresses, opening

        self._mask_password(url)
        addresses.refuse_workspace(url, self.environ)
        return opening.open_database(url)
