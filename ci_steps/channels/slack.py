"""Post to a Slack channel or to a person."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import UsageError
from ci_steps.options import option
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.slack import SlackAnswer
    from ci_steps.protocols import Message

_LONGEST_WAIT_SECONDS = 3600
_HTTP_OK = 200
_HTTP_TOO_MANY_REQUESTS = 429

# What Slack's words mean: https://docs.slack.dev/reference/methods/chat.postMessage#errors.
# A word that is not here is taken for a message that Slack does not accept, but behind an
# HTTP status of 5xx nobody can say what was done. Without any word the answer was lost.
OUTCOMES = {
    # The request was not carried out, and may be made again.
    "ratelimited": Outcome.NOT_TAKEN,
    "rate_limited": Outcome.NOT_TAKEN,
    "message_limit_exceeded": Outcome.NOT_TAKEN,
    "request_timeout": Outcome.NOT_TAKEN,  # Slack has not got the whole request
    "team_added_to_org": Outcome.NOT_TAKEN,  # for the time of a migration
    # "It's possible some aspect of the operation succeeded before the error was raised."
    "internal_error": Outcome.UNKNOWN,
    "fatal_error": Outcome.UNKNOWN,
    "service_unavailable": Outcome.UNKNOWN,
    # The token or the app must be changed by somebody, and then everything waiting can go.
    "access_denied": Outcome.CONFIGURATION,
    "account_inactive": Outcome.CONFIGURATION,
    "deprecated_endpoint": Outcome.CONFIGURATION,
    "ekm_access_denied": Outcome.CONFIGURATION,
    "enterprise_is_restricted": Outcome.CONFIGURATION,
    "invalid_auth": Outcome.CONFIGURATION,
    "method_deprecated": Outcome.CONFIGURATION,
    "missing_scope": Outcome.CONFIGURATION,
    "no_permission": Outcome.CONFIGURATION,
    "not_allowed_token_type": Outcome.CONFIGURATION,
    "not_authed": Outcome.CONFIGURATION,
    "org_login_required": Outcome.CONFIGURATION,
    "team_access_not_granted": Outcome.CONFIGURATION,
    "token_expired": Outcome.CONFIGURATION,
    "token_revoked": Outcome.CONFIGURATION,
    "two_factor_setup_required": Outcome.CONFIGURATION,
    "unknown_method": Outcome.CONFIGURATION,  # the option url leads somewhere else
    "untrusted_certificate": Outcome.CONFIGURATION,  # our own word
    # This address cannot be reached; others can.
    "channel_not_found": Outcome.RECIPIENT,
    "not_in_channel": Outcome.RECIPIENT,
    "is_archived": Outcome.RECIPIENT,
    "user_not_found": Outcome.RECIPIENT,
    "cannot_reply_to_message": Outcome.RECIPIENT,
    "messages_tab_disabled": Outcome.RECIPIENT,
    "restricted_action": Outcome.RECIPIENT,
    "restricted_action_non_threadable_channel": Outcome.RECIPIENT,
    "restricted_action_read_only_channel": Outcome.RECIPIENT,
    "restricted_action_thread_locked": Outcome.RECIPIENT,
    "restricted_action_thread_only_channel": Outcome.RECIPIENT,
}

_ADVICE = {
    "channel_not_found": "the app does not see it: invite the app, or give the channel's id",
    "not_in_channel": "invite the app to the channel",
    "untrusted_certificate": "the certificate of the address in url is not trusted",
}


@attrs.frozen(kw_only=True)
class Options:
    """What ci-steps.yaml may say under `slack`."""

    token_env: str = option("SLACK_TOKEN", "Environment variable with the bot token.")
    url: str = option("https://slack.com/api/", "Address of Slack's web API.")
    timeout_seconds: float = option(20.0, "Seconds to wait for an answer.", at_least=1)


def payload(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (every channel is asked alike)
    """Return the body of ``chat.postMessage``."""
    from ci_steps.notices.blocks import slack_message

    return json.dumps(slack_message(message, address), ensure_ascii=False).encode()


def send(payload: bytes, address: str, options: Options, outside: Outside) -> Delivery:  # noqa: ARG001 (every channel is asked alike)
    """Post once."""
    try:
        token = outside.secret(options.token_env).strip()
    except UsageError as error:
        return Delivery(Outcome.CONFIGURATION, str(error))
    answer = outside.call_slack(
        token,
        "chat.postMessage",
        json.loads(payload),
        url=options.url.rstrip("/") + "/",
        timeout_seconds=options.timeout_seconds,
    )
    if answer.status == _HTTP_OK and not answer.error:
        return Delivery(Outcome.SENT, receipt=_receipt(answer))
    outcome = outcome_of(answer)
    text = _text(answer)
    if outcome is Outcome.CONFIGURATION:
        text = f"{text} (the token is in {options.token_env})"
    return Delivery(outcome, text, retry_after_seconds=_seconds(answer.retry_after, outside.now()))


def outcome_of(answer: SlackAnswer) -> Outcome:
    """Return what an answer that is not a success means."""
    if answer.status == _HTTP_TOO_MANY_REQUESTS:
        return Outcome.NOT_TAKEN
    if answer.error in OUTCOMES:
        return OUTCOMES[answer.error]
    if answer.error in {"", "no_answer"}:
        return Outcome.UNKNOWN if answer.maybe_taken else Outcome.NOT_TAKEN
    return Outcome.PAYLOAD if answer.status == _HTTP_OK else Outcome.UNKNOWN


def _text(answer: SlackAnswer) -> str:
    if answer.status == _HTTP_TOO_MANY_REQUESTS:
        return "Slack asks for a pause"
    if answer.error in {"", "no_answer"}:
        status = f" (HTTP {answer.status})" if answer.status else ""
        return f"Slack gave no readable answer{status}"
    advice = _ADVICE.get(answer.error, "")
    return f"Slack said {answer.error}{': ' + advice if advice else ''}"


def _receipt(answer: SlackAnswer) -> str:
    """Return where the message is; with both parts it can be found and answered again."""
    return f"{answer.body.get('channel', '')}/{answer.body.get('ts', '')}".strip("/")


def _seconds(retry_after: str, now: datetime) -> int:
    """Read Retry-After, seconds or a date (RFC 9110, section 10.2.3); an hour at most."""
    from email.utils import parsedate_to_datetime

    text = retry_after.strip()
    if text.isdecimal():
        return min(int(text), _LONGEST_WAIT_SECONDS)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    return max(0, min(int((then - now).total_seconds()), _LONGEST_WAIT_SECONDS))
