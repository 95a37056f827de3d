"""What auth's version 2 of the shop tells the owners of gis, as `notices preview` shows it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.world import load_world
from ci_steps.model import Deployment, Release
from ci_steps.notices.blocks import slack_message
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.presenting import Manner, presented
from ci_steps.notices.previewing import Wanted, previews
from ci_steps.notices.render import words
from ci_steps.notices.terms import Terms
from ci_steps.outside.databases import open_database
from ci_steps.versions import parse_requirement, parse_version

if TYPE_CHECKING:
    from ci_steps.protocols import Message

SHOP = Path(__file__).parent.parent / "examples" / "shop"
AT = datetime(2026, 11, 23, 9, 41, tzinfo=timezone.utc)
LIVE = {"auth": ("1.1.0",), "gis": ("v1_20171001-2", "auth-1.1")}
TERMS = Terms(
    after_due="/v1 is switched off",
    links={
        "Migration guide": "https://{service}.shop.example/move-to-{line}",
        "Changelog": "https://{service}.shop.example/changelog",
    },
    before="1.1.0",
)


def example() -> Message:
    """Return the message, from the shop as its files say it is."""
    with Dictionary.open(open_database(":memory:")) as dictionary:
        world = yaml.safe_load((SHOP / "world.yaml").read_text("utf-8"))
        load_world(dictionary, world, "world.yaml")
        for service, (version, *needs) in LIVE.items():
            label = parse_version(version)
            requirements = tuple(map(parse_requirement, needs))
            release = Release(service, label, "c1", requirements)
            runs = Deployment(service, label, "c1", "production", label.line, AT)
            dictionary.record_deployment(release, runs, production=True)
        wanted = Wanted("auth", parse_version("2.0.0"), "production", owner="gis-team")
        (message,) = previews(dictionary, wanted, ("slack",), TERMS, AT)
    return presented(message, Manner(Calendars()))


def page() -> str:
    """Return the page of the documentation that shows it."""
    message = example()
    said = words(message)
    slack = json.dumps(slack_message(message, "#gis-team"), ensure_ascii=False, indent=1)
    return _PAGE.format(subject=said.subject, text=said.text.rstrip(), slack=slack)


def html() -> str:
    """Return the page of the mail."""
    return words(example()).html


_PAGE = """\
# What a notice says

<!-- Written by `make docs` from the shop of the examples; edit ci_steps/notices, not this page. -->

`ci-steps notices preview auth 2 --to gis-team` in the shop, where auth's `ci-steps.yaml` says

```yaml
notify:
  after_due: /v1 is switched off
  links:
    Migration guide: https://{{service}}.shop.example/move-to-{{line}}
    Changelog: https://{{service}}.shop.example/changelog
```

## As mail

![The mail as a page](../notice.png)

```text
Subject: {subject}

{text}
```

## In Slack

`--as slack`, which Slack's Block Kit Builder shows as it looks:

```json
{slack}
```
"""
