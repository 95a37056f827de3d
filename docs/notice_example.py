"""What auth's version 2 of the shop tells the owners of gis, as `notices preview` shows it.

What breaks for them is what a comparison of auth's contracts says of the operations that gis uses.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ci_steps.comparisons.changes import Contract
from ci_steps.config.document import read
from ci_steps.dictionary.contracts.kept import Comparison, keep_comparison, keep_contract
from ci_steps.dictionary.contracts.uses import keep_uses
from ci_steps.dictionary.release_recording import put_release
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.worlds.world import load_world
from ci_steps.jobs.comparing import Formats
from ci_steps.jobs.narrowing import narrow_known
from ci_steps.model import Deployment, Release
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.moving.terms import Terms
from ci_steps.notices.presenting import Manner, presented
from ci_steps.notices.previewing import Wanted, previews
from ci_steps.notices.wording.blocks import slack_message
from ci_steps.notices.wording.render import words
from ci_steps.outside import Outside
from ci_steps.outside.databases.opening import open_database
from ci_steps.uses.operations import read_operation
from ci_steps.uses.values import Uses
from ci_steps.versions import parse_requirement, parse_version

if TYPE_CHECKING:
    from ci_steps.protocols import Message

SHOP = Path(__file__).parent.parent / "examples" / "shop"
AT = datetime(2026, 11, 23, 9, 41, tzinfo=timezone.utc)
CONTRACT = "openapi.yaml"
DECLARED = SHOP / "gis" / "ci-steps.yaml"
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
        _ship(dictionary)
        wanted = Wanted("auth", parse_version("2.0.0"), "production", owner="gis-team")
        (message,) = previews(dictionary, wanted, ("slack",), TERMS, AT)
    return presented(message, Manner(Calendars()))


def _ship(dictionary: Dictionary) -> None:
    """Let auth 1 and gis run, and record auth 2 and what breaks between the two."""
    old, new = _contract(SHOP / "auth"), _contract(SHOP / "next" / "auth")
    document = read(DECLARED)
    declared, lines = document.content, document.lines
    said = ((one, f"{DECLARED.name}: {one}") for one in declared["uses"]["auth"])
    uses = sum((read_operation(*one) for one in said), Uses())
    changes = Formats(Outside({})).compare(old, new)
    with dictionary.writing() as connection:
        before, after = (keep_contract(connection, CONTRACT, one.files) for one in (old, new))
        keep_comparison(connection, Comparison(before, after, "openapi", changes), AT)
        used = keep_uses(connection, uses)
    auth, auth_2 = (
        Release("auth", parse_version(version), "c1", contract_digest=digest)
        for version, digest in (("1.1.0", before), ("2.0.0", after))
    )
    needs = tuple(map(parse_requirement, declared["depends_on"]))
    places = {
        one.provider: f"{DECLARED.name}:{lines['depends_on', index]}"
        for index, one in enumerate(needs)
    }
    gis = Release(
        "gis",
        parse_version("v1_20171001-2"),
        "c1",
        needs,
        uses={"auth": used},
        places=places,
    )
    for release in (auth, gis):
        runs = Deployment(
            release.service, release.version, "c1", "production", release.version.line, AT
        )
        dictionary.record_deployment(release, runs, production=True)
    with dictionary.writing() as connection:
        put_release(connection, auth_2, AT)
    narrow_known(dictionary, Formats(Outside({})), "auth", contract=after)


def _contract(folder: Path) -> Contract:
    return Contract("auth", CONTRACT, {CONTRACT: (folder / CONTRACT).read_bytes()})


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
