"""What Slack's answers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.protocols import Outcome

if TYPE_CHECKING:
    from ci_steps.outside.slack import SlackAnswer

_HTTP_OK = 200
_HTTP_TOO_MANY_REQUESTS = 429
# Words of our own (`ci_steps.notices.sending.slack_workspace`).
NO_TOKEN, TOO_LONG = "no_token", "history_too_long"

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
    NO_TOKEN: Outcome.CONFIGURATION,
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
    # Of chat.update: what was posted is not there, or may not be changed any more.
    "message_not_found": Outcome.RECIPIENT,
    "cant_update_message": Outcome.RECIPIENT,
    "edit_window_closed": Outcome.RECIPIENT,
}
NO_LOOKING = frozenset(
    {
        *(word for word, outcome in OUTCOMES.items() if outcome is Outcome.RECIPIENT),
        "missing_scope",
        "method_not_supported_for_channel_type",
        "thread_not_found",
        TOO_LONG,
    }
)

_ADVICE = {
    "channel_not_found": "the app does not see it: invite the app, or give the channel's id",
    "not_in_channel": "invite the app to the channel",
    "untrusted_certificate": "the certificate of the address in url is not trusted",
}


def outcome_of(answer: SlackAnswer) -> Outcome:
    """Return what an answer that is not a success means."""
    if answer.status == _HTTP_TOO_MANY_REQUESTS:
        return Outcome.NOT_TAKEN
    if answer.error in OUTCOMES:
        return OUTCOMES[answer.error]
    if answer.error in {"", "no_answer"}:
        return Outcome.UNKNOWN if answer.maybe_taken else Outcome.NOT_TAKEN
    return Outcome.PAYLOAD if answer.status == _HTTP_OK else Outcome.UNKNOWN


def text_of(answer: SlackAnswer) -> str:
    """Return an answer that is not a success as a sentence."""
    if answer.status == _HTTP_TOO_MANY_REQUESTS:
        return "Slack asks for a pause"
    if answer.error in {"", "no_answer"}:
        status = f" (HTTP {answer.status})" if answer.status else ""
        return f"Slack gave no readable answer{status}"
    advice = _ADVICE.get(answer.error, "")
    return f"Slack said {answer.error}{': ' + advice if advice else ''}"
