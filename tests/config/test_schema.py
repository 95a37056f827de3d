"""The JSON Schema that editors complete with: it agrees with what is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ci_steps.config.document import parse
from ci_steps.config.schema import schema
from tests.parts.configured import STAGING, WORKS, problems_of

_PROJECT = Path(__file__).parents[2]
_EXAMPLES = sorted((_PROJECT / "examples" / "shop").glob("*/ci-steps.yaml"))


@pytest.fixture(scope="module")
def validator() -> Any:
    return Draft202012Validator(schema())


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_published_one_is_current() -> None:
    published = json.loads((_PROJECT / "docs" / "ci-steps.schema.json").read_text())
    said = "run: ci-steps config schema > docs/ci-steps.schema.json"
    assert published == json.loads(json.dumps(schema())), said


@pytest.mark.parametrize("file", _EXAMPLES, ids=lambda file: str(file.parent.name))
def test_the_examples_are_valid(validator: Any, file: Path) -> None:
    assert len(_EXAMPLES) == 4
    assert list(validator.iter_errors(parse(file.read_text(), "f").content)) == []


@pytest.mark.parametrize(
    "line",
    [
        "version: {git_tag: ''}",
        "depends_on: [auth-1.1, gis-201610, mail-v1_20171001-2, a-v1, 'b-1.1.0-rc.1']",
        "depends_on: [{service: auth-2, version: '1.1'}]",
        "depends_on:",
        "scheme: semver",
        "pipeline: [unit-test]",
        "notify: {grace_days: null, channels: {file: null}}",
        "probes: {auth: {git: {repository: x}}}",
        f"environments: {{{STAGING}}}",
        "dictionary: postgresql://host/name",
    ],
)
def test_what_is_read_is_valid(validator: Any, line: str) -> None:
    text = (
        WORKS + line if not line.startswith("version") else WORKS.replace("version: '1.1.0'", line)
    )
    wrong = [one for one in problems_of(text) if "unknown" in one or "expected" in one]
    assert wrong == []
    assert list(validator.iter_errors(parse(text, "f").content)) == []


@pytest.mark.parametrize(
    "line",
    [
        "ownr: x",
        "owner: 5",
        "owner:",
        "depends_on: auth-1.1",
        "depends_on: [1.10]",
        "depends_on: [gis]",
        "depends_on: [Auth-1.1]",
        "depends_on: [{service: auth}]",
        "depends_on: [{service: auth, version: 1.1}]",
        "scheme: semvre",
        "pipeline: unit-test",
        "steps: {retire-chek: {}}",
        "steps: {unit-test: {comand: make}}",
        "steps: {unit-test: {command: 5}}",
        "steps: {unit-test: {command: []}}",
        "steps: {unit-test: {command: [make, 5]}}",
        "steps: {unit-test: {command: t, junit: a.xml}}",
        "steps: {unit-test: {command: t, timeout_seconds: 0}}",
        "steps: {unit-test: {command: t, timeout_seconds: true}}",
        "steps: {integration-test: {mode: maual}}",
        "steps: {container-build: {push: 'yes'}}",
        "steps: {container-build: {arguments: {A: 1}}}",
        "steps: {notify-owners: 5}",
        "environments: []",
        "environments: {Staging: {target: {process: {command: s}}}}",
        "environments: {a: {target: {}}}",
        "environments: {a: {target: {proces: {}}}}",
        "environments: {a: {target: {process: {command: s}, command: {}}}}",
        "environments: {a: {target: {process: {command: s, port: '80'}}}}",
        "environments: {a: {production: 1, target: {process: {command: s}}}}",
        "probes: {auth: {htp: {}}}",
        "notify: {grace_days: -1}",
        "notify: {grace_days: 1.5}",
        "notify: {channels: {slak: {}}}",
        "service: 5",
        "service: Web",
        "version: 1.10",
        "version: {text: 1.10}",
        "version: {fiel: VERSION}",
    ],
)
def test_what_is_refused_when_read_is_not_valid(validator: Any, line: str) -> None:
    key = line.partition(":")[0]
    lines = [one for one in WORKS.splitlines() if not one.startswith(f"{key}:")]
    text = "\n".join([*lines, line])
    assert problems_of(text)
    assert list(validator.iter_errors(parse(text, "f").content))


def test_a_file_without_a_service_is_not_valid(validator: Any) -> None:
    assert list(validator.iter_errors({"owner": "web-team"}))


def test_every_key_is_explained() -> None:
    def explained(part: Any) -> bool:
        inner = part.get("properties", {})
        return all("description" in one and explained(one) for one in inner.values())

    assert explained(schema()["properties"]["environments"]["additionalProperties"])
    assert explained({"properties": schema()["properties"]["steps"]["properties"]})
