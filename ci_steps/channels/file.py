"""Write what would be sent into a folder: for a first look, for tests, for other tools."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import OutsideError
from ci_steps.options import option
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Message

_SENDER = "ci-steps@localhost"
_MAIL = "email"


@attrs.frozen(kw_only=True)
class Options:
    """What ci-steps.yaml may say under `file`."""

    folder: str = option(".ci-steps/notices", "Folder the notices are written into.")


def payload(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (every channel is asked alike)
    """Return the mail, the page and the Slack message as one JSON document."""
    from ci_steps.notices.wording.blocks import slack_message
    from ci_steps.notices.wording.letter import letter
    from ci_steps.notices.wording.render import words

    mails = [one.address for one in message.contact_owner.contacts if one.channel == _MAIL]
    mail = letter(message, sender=_SENDER, to=mails[0] if mails else "", reply_to=message.reply_to)
    files = {
        "eml": mail.decode("utf-8"),
        "html": words(message).html,
        "slack.json": json.dumps(slack_message(message, address), ensure_ascii=False, indent=2),
    }
    return json.dumps({"key": message.key, "files": files}, ensure_ascii=False).encode()


def send(payload: bytes, address: str, options: Options, outside: Outside) -> Delivery:  # noqa: ARG001 (every channel is asked alike)
    """Write the files; the same message again writes the same files."""
    content = json.loads(payload)
    name = re.sub(r"[^0-9A-Za-z_-]", "-", content["key"])
    folder = Path(options.folder)
    try:
        for ending, text in content["files"].items():
            outside.write(folder / f"{name}.{ending}", text.encode("utf-8"))
    except OutsideError as error:
        return Delivery(Outcome.CONFIGURATION, str(error))
    return Delivery(Outcome.SENT, receipt=str(folder / f"{name}.eml"))
