"""A Slack workspace: calls with its token, and finding again what was posted there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from ci_steps.errors import UsageError
from ci_steps.outside.slack import SlackAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from ci_steps.outside import Outside

# A look goes back to a minute before the first try, over this many pages of messages.
_CLOCKS_DIFFER_SECONDS = 60
_PAGE, _MOST_PAGES = 200, 20

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_PERSON_ID = re.compile(r"[UW][A-Z0-9]{7,}")

# Answers of our own.
NO_TOKEN = SlackAnswer(0, error="no_token")
TOO_LONG = SlackAnswer(200, error="history_too_long")
NOT_FOUND = SlackAnswer(200, error="channel_not_found")


class UnansweredError(Exception):
    """Slack did not say what it was asked."""

    def __init__(self, answer: SlackAnswer) -> None:
        super().__init__(answer.error)
        self.answer = answer


class Workspace:
    """Slack, as one job may use it."""

    Unanswered: ClassVar[type[UnansweredError]] = UnansweredError

    def __init__(self, token_env: str, url: str, timeout_seconds: float, outside: Outside) -> None:
        self._token_env, self._outside = token_env, outside
        self._url, self._timeout_seconds = url.rstrip("/") + "/", timeout_seconds

    def call(self, method: str, body: Mapping[str, Any]) -> SlackAnswer:
        """Call a method that changes something, once."""
        return self._with_token(self._outside.call_slack, method, body)

    def ask(self, method: str, **question: Any) -> SlackAnswer:
        """Ask a method that reads, once."""
        return self._with_token(self._outside.ask_slack, method, question)

    def permalink(self, channel: str, ts: str) -> str:
        """Return where people see a message; without it nothing is lost."""
        if not (channel and ts):
            return ""
        answer = self.ask("chat.getPermalink", channel=channel, message_ts=ts)
        link = answer.body.get("permalink", "")
        return link if isinstance(link, str) and link.startswith("https://") else ""

    def channel_of(self, address: str) -> str:
        """Return the id of a channel or of the talk with a person; UnansweredError if unknown."""
        if _CHANNEL_ID.fullmatch(address):
            return address
        if _PERSON_ID.fullmatch(address):
            return self._talk_with(address)
        name = address.removeprefix("#")
        asked = {"types": "public_channel,private_channel"}
        for one in self._all("conversations.list", "channels", asked):
            if one.get("name") == name:
                return str(one.get("id", ""))
        raise UnansweredError(NOT_FOUND)

    def message_with(self, key: str, channel: str, thread: str, since: datetime) -> str:
        """Return the timestamp of our message with *key*, or nothing where it is not.

        UnansweredError if nobody can say. https://docs.slack.dev/reference/methods/conversations.history
        """
        oldest = f"{since.timestamp() - _CLOCKS_DIFFER_SECONDS:.6f}"
        asked = {"channel": channel, "oldest": oldest, "include_all_metadata": "true"}
        method = "conversations.history"
        if thread:
            method, asked = "conversations.replies", {**asked, "ts": thread}
        for one in self._all(method, "messages", asked):
            if _key_of(one) == key:
                return str(one.get("ts", ""))
        return ""

    def _talk_with(self, person: str) -> str:
        answer = self.call("conversations.open", {"users": person})
        opened = answer.body.get("channel")
        if not (answer.is_yes and isinstance(opened, dict) and opened.get("id")):
            raise UnansweredError(answer)
        return str(opened["id"])

    def _all(self, method: str, name: str, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield everything, page by page; UnansweredError when that cannot be."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = self.ask(method, limit=_PAGE, **asked, **more)
            found = answer.body.get(name)
            if not (answer.is_yes and isinstance(found, list)):
                raise UnansweredError(answer)
            yield from (one for one in found if isinstance(one, dict))
            following = answer.body.get("response_metadata")
            cursor = str(following.get("next_cursor", "")) if isinstance(following, dict) else ""
            if not cursor:
                return
        # What lies further back than that is not seen, and so nobody can say.
        raise UnansweredError(TOO_LONG)

    def _with_token(
        self, call: Callable[..., SlackAnswer], method: str, said: Mapping[str, Any]
    ) -> SlackAnswer:
        try:
            token = self._outside.secret(self._token_env).strip()
        except UsageError:
            return NO_TOKEN
        return call(token, method, said, url=self._url, timeout_seconds=self._timeout_seconds)


def _key_of(message: Mapping[str, Any]) -> Any:
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    return payload.get("key") if isinstance(payload, dict) else None
