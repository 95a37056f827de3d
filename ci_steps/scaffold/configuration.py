"""Choices -> ci-steps.yaml, with a comment for each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.scaffold.choices import Choices

_PLAIN = re.compile(r"[A-Za-z./_][A-Za-z0-9./_=-]*")
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "~"})
_ENVIRONMENTS = ("staging", "production")


def configuration(choices: Choices) -> str:
    """Return the text of ci-steps.yaml."""
    parts = (_head, _contract, _steps, _environments, _notify)
    return "\n".join(line for part in parts for line in part(choices)) + "\n"


def _head(choices: Choices) -> Iterator[str]:
    place = choices.repository.version
    yield "# What ci-steps knows of this service; `ci-steps config check` reads it over."
    yield f"service: {_text(choices.service)}"
    if choices.owner:
        yield f"owner: {_text(choices.owner)}"
    else:
        yield "# owner: a-team            # who answers for it, and hears of what it needs"
    yield f"# Where the version of a build is: {place.because}."
    yield f"version: {{{place.key}: {_text(place.value)}}}"
    yield "# What it calls, and the least version of it: auth-1.1 is line 1 of auth, at least 1.1."
    yield "depends_on: []"


def _contract(choices: Choices) -> Iterator[str]:
    if choices.repository.contract:
        yield "# What callers see; a version must not break more of it than its number says."
        yield f"contract: {_text(choices.repository.contract)}"


def _steps(choices: Choices) -> Iterator[str]:
    found = choices.repository
    tests = found.tests
    is_found = choices.has_found_tests
    yield "steps:"
    yield f"  unit-test:{f'   # found by {tests.because}' if tests and is_found else ''}"
    yield f"    command: {_list(choices.test_command)}"
    if tests and is_found and tests.junit:
        yield f"    junit: {_list(tests.junit)}   # so that the failing tests are named"
    yield "  container-build:"
    if found.dockerfile:
        yield "    when: engine           # where docker, podman or buildah can be used"
    else:
        yield "    when: never            # there is no Dockerfile"
    if choices.target != "none":
        yield from _integration(choices)


def _integration(choices: Choices) -> Iterator[str]:
    yield "  integration-test:"
    if choices.repository.integration:
        yield "    command: [make, integration-test]   # the address is in CI_STEPS_ADDRESS"
    else:
        yield "    mode: manual           # a person looks, and says in a terminal:"
        yield "    # ci-steps integration-test staging && ci-steps run --from 'deploy production'"
        yield "    # A command needs nobody; with one, let the CI file run the whole pipeline:"
        yield "    # command: [make, integration-test]   # the address is in CI_STEPS_ADDRESS"


def _environments(choices: Choices) -> Iterator[str]:
    if choices.target == "none":
        yield "# Nothing here says how it is deployed. Until somebody does, tests and checks run:"
        yield "pipeline: [unit-test, version-check, container-build]"
        yield "# environments:"
        yield "#   staging: {target: {process: {command: [./serve]}}}"
        yield "#   production: {production: true, target: {process: {command: [./serve]}}}"
        return
    yield "environments:"
    for name in _ENVIRONMENTS:
        yield f"  {name}:"
        if name == "production":
            yield "    production: true       # nothing untested comes here"
        yield "    target:"
        yield from _target(choices)


def _target(choices: Choices) -> Iterator[str]:
    found = choices.repository
    if choices.target == "process":
        command = found.start.command if found.start else ("./serve",)
        because = found.start.because if found.start else "given"
        yield f"      process:             # {because}; it must serve on $PORT and say its version"
        yield f"        command: {_list(command)}"
        yield "        health: /healthz     # answers 2xx when it is ready"
        yield "        version: /version    # answers the version, as text or JSON"
        return
    if choices.target == "compose":
        yield "      compose:             # it must publish its port and say its version"
        yield f"        files: {_list((found.compose or 'compose.yaml',))}"
        yield "        # service: web       # which of its services this is, if not by its name"
        yield "        # host_port: 8080    # ${CI_STEPS_PORT} in these files; another one each"
        yield "        version: /version    # answers the version, as text or JSON"
        return
    if choices.target == "ecs":
        yield from _ecs(found.task_definition or "ecs/task.json")
        return
    yield "      kubernetes:          # a Deployment; ${CI_STEPS_SLOT} in its name is the line"
    yield f"        manifests: {_list((found.manifests or 'k8s',))}"
    yield "        # context: staging   # the current one of kubectl, if not given"
    yield "        # port: 8080         # asks each pod for its version there, or its address"
    yield "        # address: https://web.staging.example"


def _ecs(file: str) -> Iterator[str]:
    yield "      ecs:                 # a service of Amazon ECS for each line, by boto3"
    yield f"        task_definition: {_text(file)}"
    yield "        # service_definition: ecs/service.json   # what it is made with at first"
    yield "        # cluster: shop      # the one called default, if not given"
    yield "        # port: 8080         # asks each task for its version there, or its address"
    yield "        # address: https://web.staging.example"


def _notify(choices: Choices) -> Iterator[str]:
    del choices
    yield "# How owners are told when a release breaks their services; without it, by a file."
    yield "# notify: {channels: {slack: {}}}   # the token comes from SLACK_TOKEN"


def _list(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, words))}]"


def _text(word: str) -> str:
    """Return a text as YAML reads it back; what could be anything else is quoted."""
    if _PLAIN.fullmatch(word) and word.lower() not in _NOT_TEXT:
        return word
    return json.dumps(word, ensure_ascii=False)
