"""Slack's web API, one call at a time."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from ci_steps.outside.deadlines import LateError, in_time

_SLACK_WORD = re.compile(r"[a-z0-9_]{1,80}")

# The client logs what it cannot read, and without a handler that would go to the terminal.
logging.getLogger("slack_sdk").addHandler(logging.NullHandler())
# And what goes over the wire is in no log, however much somebody wants to see.
logging.getLogger("slack_sdk").setLevel(logging.ERROR)


@dataclass(frozen=True)
class SlackAnswer:
    """What Slack answered.

    `error` is Slack's own word (``channel_not_found``), empty when it took the call;
    ``no_answer`` when nothing readable came back, and then `maybe_taken` says whether
    the call may have been carried out all the same; ``untrusted_certificate`` when we did
    not go on. `why` is then the kind of what went wrong.
    """

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    retry_after: str = ""
    maybe_taken: bool = False
    why: str = ""

    @property
    def is_yes(self) -> bool:
        """Return whether Slack did what it was asked."""
        return self.status == 200 and not self.error  # noqa: PLR2004 (RFC 9110: OK)


def call(
    token: str, method: str, body: Mapping[str, Any], url: str, timeout_seconds: float
) -> SlackAnswer:
    """Call *method* once; nothing is raised, every outcome is an answer."""
    return _call(token, method, url, timeout_seconds, json=dict(body))


def ask(
    token: str, method: str, question: Mapping[str, Any], url: str, timeout_seconds: float
) -> SlackAnswer:
    """Ask *method*, one that reads; those take no JSON."""
    return _call(token, method, url, timeout_seconds, data=dict(question))


def _call(token: str, method: str, url: str, timeout_seconds: float, **how: Any) -> SlackAnswer:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError, SlackClientError

    if not (token.isascii() and token.isprintable()):
        return SlackAnswer(0, error="invalid_auth")  # it cannot be written into a header
    seconds = max(1, int(timeout_seconds))
    # Without retry_handlers=[] the client repeats a call whose answer was lost, and a message
    # is sent twice.
    client = WebClient(token=token, base_url=url, timeout=seconds, retry_handlers=[])
    try:
        response = in_time(lambda: client.api_call(method, **how), seconds)
    except SlackApiError as error:
        return _refused(error.response)
    except URLError as error:
        # It is raised while the request is handed over, never by what is read afterwards.
        untrusted = isinstance(error.reason, ssl.SSLCertVerificationError)
        word = "untrusted_certificate" if untrusted else "no_answer"
        return SlackAnswer(0, error=word, why=type(error.reason).__name__)
    except (LateError, SlackClientError, HTTPException, OSError, ValueError) as error:
        why = type(error).__name__
        return SlackAnswer(0, error="no_answer", maybe_taken=True, why=why)
    return SlackAnswer(int(response.status_code), _mapping(response.data))


def _refused(response: Any) -> SlackAnswer:
    body = _mapping(response.data)
    headers = {str(key).lower(): value for key, value in dict(response.headers or {}).items()}
    after = headers.get("retry-after", "")
    status = int(response.status_code)
    error = str(body.get("error") or "")
    # Where Slack did not answer with JSON, the client puts all that came in the error's place.
    if not _SLACK_WORD.fullmatch(error):
        body, error = {}, ""
    return SlackAnswer(
        status,
        body,
        error or "no_answer",
        retry_after=after[0] if isinstance(after, list) else str(after),
        maybe_taken=not error and status != 429,  # noqa: PLR2004 (RFC 6585: too many requests)
    )


def _mapping(content: Any) -> Mapping[str, Any]:
    return content if isinstance(content, Mapping) else {}
