"""`ci-steps names`: whether all names of what is live agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.groups import CommandGroup
from ci_steps.model import Table, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ci_steps.config.plan import Plan
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.model import Deployment
    from ci_steps.names.checking import Live, NameCheck
    from ci_steps.outside import Outside

    Checked = tuple[Live, tuple[NameCheck, ...]]


@click.group(cls=CommandGroup)
def group() -> None:
    """Compare the names of what is live."""


@group.command()
@click.argument("environment", default="")
@shell.json_option
@shell.plan_options
def check(environment: str, *, as_json: bool, **build: str) -> int:
    """Compare what is live of the service with its names, in ENVIRONMENT or everywhere.

    The dictionary's word is compared with the version that answers, with the tag in git (in
    production), and with digest and labels of the image in its registry and, in production, the
    tag of its line there. The exit status is 0 only where all agree.

    Example: ci-steps names check production
    """
    from ci_steps.cli.running.carrying_out import load

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    plan = load(outside, build)
    with shell.opened(outside, plan.dictionary) as dictionary:
        if environment:
            dictionary.known_environment(environment)
        checked = tuple(_checked(plan, environment, outside, dictionary))
    verdict = _verdict(checked)
    if as_json:
        console.answer(document(plan.service, environment, checked, verdict))
    else:
        for live, checks in checked:
            console.table(table(live, checks), result=True)
        console.result(_sentence(plan.service, checked, verdict))
    return 0 if verdict is Verdict.YES else 1


def _checked(
    plan: Plan, environment: str, outside: Outside, dictionary: Dictionary
) -> Iterator[Checked]:
    from ci_steps.images.logins import named_login
    from ci_steps.jobs.finder import Finder
    from ci_steps.names.checking import Live, check_answer, check_image, check_line, check_tag
    from ci_steps.names.line_tags import is_wanted
    from ci_steps.names.naming import tag_place

    finder = Finder(plan.probes, outside, dictionary)
    image = plan.step("container-build").options
    login = named_login(image.user_env, image.password_env, outside)
    production = {one.name for one in dictionary.environments() if one.production}
    for one in dictionary.live(environment, plan.service):
        built = dictionary.evidence("container-build", one.service, str(one.version), one.commit)
        live = Live(one, dictionary.release(one.service, one.version), built)
        checks = [check_answer(live, finder(one.service, one.environment))]
        deploy = plan.step("deploy", one.environment).options
        naming = (deploy.tag, deploy.tag_prefix, deploy.remote)
        place = tag_place(plan.root, str(one.version), one.commit, naming, outside)
        if place and one.environment in production:
            checks.append(check_tag(live, place, outside))
        checks += check_image(live, outside, login)
        if one.environment in production and is_wanted(image):
            checks += check_line(live, _proven(one, production, dictionary), outside, login)
        yield live, tuple(checks)


def _proven(live: Deployment, production: Collection[str], dictionary: Dictionary) -> set[str]:
    """Return the digests that run in production of the line of a deployment."""
    return {
        one.digest
        for environment in production
        for one in dictionary.live(environment, live.service)
        if one.version.line == live.version.line
    }


def _verdict(checked: Sequence[Checked]) -> Verdict:
    found = {check.verdict for _, checks in checked for check in checks}
    if not found or Verdict.UNKNOWN in found:
        return Verdict.NO if Verdict.NO in found else Verdict.UNKNOWN
    return Verdict.NO if Verdict.NO in found else Verdict.YES


def document(
    service: str, environment: str, checked: Sequence[Checked], verdict: Verdict
) -> dict[str, Any]:
    """Return the answer of ``--json``."""
    return {
        "schema": "ci-steps/names/1",
        "service": service,
        "environment": environment,
        "verdict": verdict.value,
        "deployments": [
            {
                "version": str(live.deployment.version),
                "commit": live.deployment.commit,
                "digest": live.deployment.digest,
                "environment": live.deployment.environment,
                "slot": live.deployment.slot,
                "names": [
                    {
                        "name": one.what,
                        "found": one.found,
                        "recorded": one.recorded,
                        "verdict": one.verdict.value,
                        "reason": one.reason,
                    }
                    for one in checks
                ],
            }
            for live, checks in checked
        ],
    }


def table(live: Live, checks: Sequence[NameCheck]) -> Table:
    """Return the answer for people."""
    one = live.deployment
    rows = tuple(
        (check.what, check.verdict.value, check.found or "nothing", check.reason)
        for check in checks
    )
    title = f"{one.service} {one.version} in {one.environment}, slot {one.slot}"
    return Table(("name", "agrees", "found", "remark"), rows, title)


def _sentence(service: str, checked: Sequence[Checked], verdict: Verdict) -> str:
    if not checked:
        return f"unknown: {service} is not live"
    wrong = sum(check.verdict is not Verdict.YES for _, checks in checked for check in checks)
    if verdict is Verdict.YES:
        return f"yes: all names of {service} agree"
    return f"{verdict.value}: {wrong} {'name does' if wrong == 1 else 'names do'} not agree"
