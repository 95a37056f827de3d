"""The change log of the shop's auth, five weeks before its line 1 goes.

`python -m docs.changelog_example FOLDER` writes the site of the shop, whose page about auth is
docs/changelog.png: chromium --headless --screenshot=docs/changelog.png --window-size=1180,1400
FOLDER/services/auth.html.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ci_steps.changelog import ledger
from ci_steps.changelog.building import Sources, build
from ci_steps.changelog.document import Kind, Sort
from ci_steps.changelog.fragments import Fragment
from ci_steps.changelog.plan import Subject, Told, Words
from ci_steps.changelog.site import Site
from ci_steps.comparisons.changes import Contract
from ci_steps.dictionary.contracts.kept import Comparison, keep_comparison, keep_contract
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.worlds.world import load_world
from ci_steps.jobs.comparing import Formats
from ci_steps.lifecycle.acts import Act
from ci_steps.lifecycle.acts import Kind as ActKind
from ci_steps.model import Deployment, Release
from ci_steps.outside import Outside
from ci_steps.outside.databases.opening import open_database
from ci_steps.usage import Caller, Usage, UsageQuestion
from ci_steps.versions import parse_requirement, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.changelog.document import ChangeLog

SHOP = Path(__file__).parent.parent / "examples" / "shop"
AT = datetime(2026, 11, 18, 9, 41, tzinfo=timezone.utc)
CONTRACT = "openapi.yaml"
# Days before, and what ran since then: the last one of a line runs still.
_RELEASES = (
    (310, "auth 1.0.0", ""),
    (290, "web 1.1.0", "auth-1.0"),
    (240, "auth 1.0.1", ""),
    (170, "auth 1.1.0", ""),
    (150, "mail 201610", ""),
    (120, "gis v1_20171001-2", "auth-1.1"),
    (60, "auth 2.0.0", ""),
    (33, "web 1.2.0", "auth-2.0"),
    (12, "auth 2.1.0", ""),
)
_FRAGMENTS = (
    Fragment(
        Sort.REMOVED,
        "Users no longer log in for a token: they open a session, which has one.",
        "POST /v1/login",
        "Call POST /v2/sessions; the token is in the same place of the answer.",
        "2.0.0",
    ),
    Fragment(Sort.FIXED, "A token that has expired is refused at once.", version="1.0.1"),
    Fragment(
        Sort.ADDED, "Who may do what is in the answer.", "GET /v1/users/{id}", version="1.1.0"
    ),
    Fragment(Sort.SECURITY, "Passwords are compared in constant time.", version="2.1.0"),
    Fragment(Sort.ADDED, "Sessions say when they were opened."),
)


def world(dictionary: Dictionary) -> None:
    """Let the shop live through a year, and announce what will end of auth."""
    load_world(dictionary, yaml.safe_load((SHOP / "world.yaml").read_text("utf-8")), "world.yaml")
    old, new = (_contract(SHOP / "auth"), _contract(SHOP / "next" / "auth"))
    changes = Formats(Outside({})).compare(old, new)
    with dictionary.writing() as connection:
        digests = [keep_contract(connection, CONTRACT, one.files) for one in (old, new)]
        compared = Comparison(digests[0], digests[1], "openapi", changes)
        keep_comparison(connection, compared, AT)
    for days, label, needs in _RELEASES:
        _ship(dictionary, AT - timedelta(days=days), label, needs, digests)
    plan = [
        (Subject(Kind.LINE, "1", "production"), 30, 35, "Line 2 has all of it.", Words()),
        (
            Subject(Kind.FIELD, "GET /v2/users/{id} 200 application/json /roles"),
            10,
            130,
            "Roles move to a service of their own.",
            Words(instead="roles-1", migration="Ask GET /roles/{user} of roles."),
        ),
    ]
    for subject, before, ahead, why, words in plan:
        day = (AT + timedelta(days=ahead)).date()
        announced = Act(ActKind.ANNOUNCE, AT - timedelta(days=before), "auth-team", why, day)
        _decide(dictionary, subject, Told(announced, words))
    later = Act(
        ActKind.AMEND,
        AT - timedelta(days=5),
        "auth-team",
        "gis needs two weeks more",
        date(2027, 1, 6),
    )
    _decide(dictionary, plan[0][0], Told(later))


def log(dictionary: Dictionary) -> ChangeLog:
    """Return what auth would publish: with what people wrote, and with the calls it sees."""
    sources = Sources(_FRAGMENTS, version=parse_version("2.2.0"), observe=_calls)
    return build(dictionary, "auth", AT, sources)


def files() -> Iterator[tuple[str, str]]:
    """Yield the site of the shop."""
    with Dictionary.open(open_database(":memory:")) as dictionary:
        world(dictionary)
        published = {"auth": log(dictionary)}
        yield from Site(dictionary, AT, published.get).files()


def _calls(question: UsageQuestion) -> Usage:
    last = AT - timedelta(hours=3)
    callers = {"1": (Caller("gis", 5120, last), Caller("reports", 31, AT - timedelta(days=9)))}
    return Usage("prometheus", question.since, last, callers.get(question.line, ()))


def _ship(dictionary: Dictionary, at: datetime, label: str, needs: str, digests: list[str]) -> None:
    service, text = label.split(" ")
    version = parse_version(text)
    digest = digests[0 if version.line == "1" else 1] if service == "auth" else ""
    written = [parse_requirement(one) for one in needs.split() if one]
    release = Release(service, version, f"c{text}", tuple(written), digest, recorded_at=at)
    runs = Deployment(service, version, f"c{text}", "production", version.line, at)
    dictionary.record_deployment(release, runs, production=True)


def _decide(dictionary: Dictionary, subject: Subject, told: Told) -> None:
    dictionary.write(lambda connection: ledger.add(connection, "auth", subject, [told]))


def _contract(folder: Path) -> Contract:
    return Contract("auth", CONTRACT, {CONTRACT: (folder / CONTRACT).read_bytes()})


def main() -> None:
    """Write the site."""
    folder = Path(sys.argv[1])
    for name, content in files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
