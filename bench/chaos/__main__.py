"""Send through a storm on both databases, print what came of it, and write docs/chaos.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from chaos.faults import SHARE
from chaos.findings import Channel, Findings
from chaos.storm import Size, storm
from tests.parts.postgres import server

_PAGE = Path(__file__).parents[2] / "docs" / "chaos.md"
_ABOUT = f"""\
# Notices in a storm

<!-- Written by `make chaos`. -->

`make chaos` sends notices to owners with a channel in Slack and a mailbox each, reminders in the
threads included; mail goes over STARTTLS, with a log-in. Three jobs send side by side. Jobs are
killed by SIGKILL again and again, and {SHARE:.0%} of the calls to Slack and a third of the mails go
wrong: reset, hanging, cut, 429 in every form, 5xx, pages instead of JSON, errors after which Slack
may have posted or not; each before *and* after the message was taken. Then it compares what the
dictionary says with what has arrived.

"""


def main() -> None:
    """Run it."""
    given = _arguments()
    size = Size(given.owners, given.kills)
    found: dict[str, Findings] = {}
    with tempfile.TemporaryDirectory() as folder, server() as postgres:
        urls = {"SQLite": str(Path(folder) / "dictionary.db"), "PostgreSQL": postgres.new()}
        for name, url in urls.items():
            found[name] = storm(url, size, given.seed, partial(_say, name))
            _say(name, f"{found[name].slack} {found[name].mail}")
    page = _ABOUT + _table(found, given.seed) + _faults(found)
    print(page)
    if not given.dry:
        _PAGE.write_text(page, encoding="utf-8")
    if not all(one.is_good for one in found.values()):
        sys.exit("something was lost, or sent twice")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--owners", type=int, default=800)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dry", action="store_true", help="Write no page.")
    return parser.parse_args()


def _table(found: dict[str, Findings], seed: int) -> str:
    lines = [
        f"| seed {seed} | {' | '.join(found)} |",
        f"| --- |{' ---: |' * len(found)}",
        _row("jobs killed", [one.kills for one in found.values()]),
        _row("faults", [sum(one.faults.values()) for one in found.values()]),
        _row("rounds of jobs", [one.rounds for one in found.values()]),
        _row("seconds", [round(one.seconds) for one in found.values()]),
    ]
    for title in ("Slack", "mail"):
        channels = [one.slack if title == "Slack" else one.mail for one in found.values()]
        lines += _rows(title, channels)
    return "\n".join(lines) + "\n"


def _rows(title: str, channels: list[Channel]) -> list[str]:
    return [
        _row(f"**{title}**: messages", [one.messages for one in channels]),
        _row(f"{title}: arrived", [one.arrived for one in channels]),
        _row(f"{title}: more than once", [one.twice for one in channels]),
        _row(f"{title}: lost, though written as sent", [one.lost for one in channels]),
        _row(f"{title}: neither sent nor said why", [one.astray for one in channels]),
        _row(f"{title}: an answer was lost and nobody can look", [one.unknown for one in channels]),
    ]


def _row(title: str, values: list[int]) -> str:
    return f"| {title} | {' | '.join(f'{value:,}' for value in values)} |"


def _faults(found: dict[str, Findings]) -> str:
    names = sorted({name for one in found.values() for name in one.faults})
    lines = [
        "",
        "What cannot be looked up is a mail: it is sent again with the same bytes and the same",
        "`Message-ID`, so that many receivers show it once.",
        "",
        f"| fault | {' | '.join(found)} |",
        f"| --- |{' ---: |' * len(found)}",
        *(_row(name, [one.faults.get(name, 0) for one in found.values()]) for name in names),
    ]
    return "\n".join(lines) + "\n"


def _say(name: str, text: str) -> None:
    print(f"{name}: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
