"""One job that sends what waits: `python -m chaos.job DICTIONARY SLACK MAIL_PORT CA_FILE CLOCK`."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

from ci_steps.channels import email, slack
from ci_steps.dictionary.store import Dictionary
from ci_steps.notices.sending.outbox import send
from ci_steps.outside import Outside
from ci_steps.outside.databases.opening import open_database
from tests.parts.slack import TOKEN
from tests.parts.smtp import PASSWORD, USER

BUDGET_SECONDS = 30
_TIMEOUT_SECONDS = 1


class Later(Outside):
    """The real world, hours later: leases are over, and pauses as well."""

    def __init__(self, later: timedelta) -> None:
        secrets = {"SLACK_TOKEN": TOKEN, "SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD}
        super().__init__(secrets)
        self._later = later

    def now(self) -> datetime:
        """Return the time, later."""
        return super().now() + self._later


def main(
    dictionary_url: str, slack_url: str, mail_port: str, ca_file: str, later_seconds: str
) -> None:
    """Send for half a minute at most."""
    mail = email.Options(
        host="127.0.0.1",
        port=int(mail_port),
        security="starttls",
        ca_file=ca_file,
        user_env="SMTP_USER",
        sender="ci-steps@shop.example",
        timeout_seconds=_TIMEOUT_SECONDS,
    )
    posts = slack.Options(url=slack_url, timeout_seconds=_TIMEOUT_SECONDS)
    channels = {"slack": (slack, posts), "email": (email, mail)}
    outside = Later(timedelta(seconds=float(later_seconds)))
    with Dictionary.open(open_database(dictionary_url)) as dictionary:
        send(dictionary, channels, outside, budget_seconds=BUDGET_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
