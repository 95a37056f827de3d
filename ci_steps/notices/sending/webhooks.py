"""Posting to addresses that are secrets: a contact names the variable that holds its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.addresses import is_protected
from ci_steps.errors import UsageError
from ci_steps.notices.sending import retry_after
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ci_steps.outside import Outside
    from ci_steps.outside.web import Posted

_TOO_MANY_REQUESTS = 429
_JSON = "application/json"
_NO_VARIABLE = "the contact is to name an environment variable that holds the address"
_UNTRUSTED = "the certificate is not trusted"

# What a status means when the receiver's words do not say it (RFC 9110, section 15).
_OUTCOMES = {
    400: Outcome.PAYLOAD,
    401: Outcome.RECIPIENT,
    403: Outcome.RECIPIENT,
    404: Outcome.RECIPIENT,
    408: Outcome.NOT_TAKEN,
    410: Outcome.RECIPIENT,
    413: Outcome.PAYLOAD,
    415: Outcome.PAYLOAD,
    422: Outcome.PAYLOAD,
    425: Outcome.NOT_TAKEN,
}


def post(
    payload: bytes,
    variable: str,
    outside: Outside,
    *,
    timeout_seconds: float,
    outcome_of: Callable[[Posted], Outcome],
    headers: Mapping[str, str] | None = None,
) -> Delivery:
    """Post once to the address in a variable; its value is in no answer."""
    if not variable.replace("_", "").isalnum() or not variable.isascii():
        return Delivery(Outcome.RECIPIENT, _NO_VARIABLE)
    try:
        url = outside.secret(variable).strip()
    except UsageError as error:
        return Delivery(Outcome.NOT_TAKEN, str(error))  # another job may have it
    if not is_protected(url):
        return Delivery(
            Outcome.RECIPIENT, f"the address in {variable} does not begin with https://"
        )
    sent = {"Content-Type": _JSON, **(headers or {})}
    posted = outside.post(url, payload, headers=sent, timeout_seconds=timeout_seconds)
    outcome = outcome_of(posted)
    if outcome is Outcome.SENT:
        return Delivery(outcome, receipt=f"HTTP {posted.status}")
    seconds = retry_after.seconds(posted.retry_after, outside.now())
    text = posted.problem or f"the address in {variable} answered HTTP {posted.status}"
    return Delivery(outcome, text, retry_after_seconds=seconds)


def meaning(posted: Posted) -> Outcome:
    """Return what an answer means by its status alone."""
    if posted.problem == _UNTRUSTED:
        return Outcome.CONFIGURATION
    if not posted.status:
        return Outcome.UNKNOWN if posted.maybe_taken else Outcome.NOT_TAKEN
    if 200 <= posted.status < 300:  # noqa: PLR2004 (RFC 9110: 2xx)
        return Outcome.SENT
    if posted.status == _TOO_MANY_REQUESTS:
        return Outcome.NOT_TAKEN
    if posted.status >= 500:  # noqa: PLR2004 (RFC 9110: 5xx)
        return Outcome.UNKNOWN
    return _OUTCOMES.get(posted.status, Outcome.RECIPIENT)
