"""Ask a running service which version it is."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

import attrs

from ci_steps.addresses import without_credentials
from ci_steps.deploying.answers import running
from ci_steps.deploying.replicas import agreeing
from ci_steps.errors import OutsideError
from ci_steps.options import option
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Question


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `http`."""

    url: str = option(
        "",
        "Address of the provider, {environment} is filled in; without it, the "
        "addresses at which the dictionary saw it deployed.",
        example="https://auth.{environment}.shop.example",
    )
    path: str = option("/version", "Where the provider answers its version.")
    key: str = option(
        "version", "Key of the version when the answer is JSON; dots lead to inner keys."
    )
    header: str = option("", "Header that holds the version, instead of the answer's text.")
    every_address: bool = option(
        True,
        "Whether each address is asked where the name has several in DNS.",
    )
    times: int = option(
        1,
        "How often each is asked, on a connection of its own, where a balancer stands before "
        "several replicas.",
        at_least=1,
        at_most=100,
    )


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Ask every address of the provider in the environment; at build time there is none."""
    if not question.environment:
        return ()
    addresses = _addresses(question, options.url)
    answers = outside.parallel(
        lambda address: _ask_replicas(address, question, options, outside), addresses
    )
    return tuple(chain.from_iterable(answers))


def _addresses(question: Question, url: str) -> tuple[str, ...]:
    if url:
        return (question.filled(url, quote),)
    # A target may record another kind of address, such as a name in a cluster.
    recorded = (deployment.address for deployment in question.live)
    return tuple(dict.fromkeys(address for address in recorded if _is_http(address)))


def _is_http(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _ask_replicas(
    address: str, question: Question, options: Options, outside: Outside
) -> tuple[Found, ...]:
    """Ask whoever answers at one address; the same answer of the same machine is told once."""
    seconds = question.timeout_seconds
    machines = (
        outside.addresses_of(address, timeout_seconds=seconds) if options.every_address else ()
    )
    asked = [machine for machine in machines or ("",) for _ in range(options.times)]
    answers = outside.parallel(
        lambda machine: _ask(address, machine, question, options, outside), asked
    )
    return agreeing(dict.fromkeys(answers))


def _ask(
    address: str, machine: str, question: Question, options: Options, outside: Outside
) -> Found:
    url = address.rstrip("/") + "/" + options.path.lstrip("/")
    where, shown = without_credentials(url), without_credentials(address)
    where = f"{where} at {machine}" if machine else where
    try:
        there = running(
            outside,
            url,
            key=options.key,
            header=options.header,
            timeout_seconds=question.timeout_seconds,
            at=machine,
        )
    except OutsideError as error:
        return Found(where, problem=without_credentials(str(error)), address=shown)
    return Found(where, there.version, address=shown, ending=there.ending)
