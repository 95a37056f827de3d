"""Every answer with --json has the form that is published for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError
from sqlalchemy import update

from ci_steps.dictionary.tables import obligation
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.notices import announce
from tests.parts.shop import Shop, check_answer, shop_in

PUBLISHED = Path(__file__).parent.parent.parent / "docs" / "answers.schema.json"

# It needs a registry: tests/cli/test_image.py.
ELSEWHERE = {"ci-steps/image/1"}

QUESTIONS = [
    ("", "version", "parse", "v1_20171001-2"),
    ("", "version", "compare", "1.9", "1.10"),
    ("", "version", "bump", "1.1.0", "2.0.0"),
    ("", "version", "satisfies", "auth-1.1", "2.0.0"),
    ("auth", "plan"),
    ("auth", "config", "check"),
    ("auth", "config", "explain"),
    ("", "init", "--dry-run", "--test-command", "true"),
    ("auth", "rehearse"),
    ("auth", "doctor"),
    ("auth", "rehearse", "--pull-request"),
    ("auth", "unit-test"),
    ("auth", "changelog", "add", "fixed", "It starts."),
    ("auth", "changelog", "build"),
    ("auth", "changelog", "check"),
    ("", "changelog", "plan", "show", "--service", "gis"),
    ("", "changelog", "plan", "add", "operation", "GET /", "--service", "gis", "--reason", "x"),
    ("", "changelog", "site"),
    ("", "retirement", "overlay", "gis", "201610", "--contract", "api.json"),
    ("", "dictionary", "show"),
    ("", "dictionary", "show", "auth"),
    ("", "dictionary", "record", "gis", "201610", "production", "--depends-on", "auth-1.1"),
    ("", "dictionary", "live"),
    ("", "dictionary", "dependents", "auth", "1"),
    ("", "dictionary", "dependencies", "gis"),
    ("", "dictionary", "impact", "auth"),
    ("", "dictionary", "owners"),
    ("", "dictionary", "unowned"),
    ("", "dictionary", "history", "gis"),
    ("", "dictionary", "drift", "production"),
    ("", "dictionary", "verify", "gis@201610", "auth@1.1.0", "passed"),
    ("", "dictionary", "policy", "production"),
    ("", "dictionary", "rename", "geo", "gis"),
    ("", "dictionary", "graph", "--format", "json"),
    ("", "dictionary", "may-deploy", "gis", "201610", "production"),
    ("", "dictionary", "load", "world.yaml"),
    ("", "dictionary", "import", "owners.yaml"),
    ("", "dictionary", "export-catalog"),
    ("", "contract", "diff", "old.graphql", "new.graphql", "--fail-on", "never"),
    ("", "notices", "who", "auth", "2.0.0"),
    ("", "notices", "status"),
    ("auth", "notices", "send", "--dry-run"),
    ("auth", "notices", "tick", "--dry-run"),
    ("auth", "notices", "send"),
    ("auth", "notices", "tick"),
    ("", "dictionary", "record", "auth", "1.1.0", "production"),
    ("auth", "may-retire", "auth", "1"),
    ("auth", "retire", "auth", "1", "--dry-run"),
    ("auth", "probe", "auth", "production"),
    ("auth", "retirement", "show", "auth", "1"),
    ("auth", "names", "check", "production"),
    ("auth", "approve", "production", "--by", "bob", "--reason", "x"),
    ("", "notices", "ack", "tax-2/production/gis-team", "--until", "2100-01-02", "--reason", "x"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop_in(tmp_path_factory.mktemp("shop"), in_this_process=True) as opened:
        opened.own()
        (opened.folder / "owners.yaml").write_text("teams: {auth-team: {slack: '#auth-team'}}")
        (opened.folder / "api.json").write_text('{"openapi": "3.1.0", "paths": {"/": {"get": {}}}}')
        (opened.folder / "old.graphql").write_text("type Query { name: String id: Int }")
        (opened.folder / "new.graphql").write_text("type Query { name: String }")
        opened.service("auth", "1.1.0")
        with dictionary_at(opened.environ["CI_STEPS_DICTIONARY"]) as dictionary:
            ship(dictionary, "gis 1.0", "tax-1")
            announce(dictionary, "tax 2.0.0")
            with dictionary.writing() as connection:
                connection.execute(update(obligation).values(due=date(2100, 1, 1)))
        yield opened


@pytest.mark.slow
def test_every_answer_has_its_published_form(shop: Shop) -> None:
    answered = {shop.answer(*question)["schema"] for question in QUESTIONS}
    forms = json.loads(PUBLISHED.read_text("utf-8"))["$defs"]
    published = {form["properties"]["schema"]["const"] for form in forms.values()}
    assert answered | ELSEWHERE == published


def test_an_answer_of_another_form_would_be_found() -> None:
    with pytest.raises(ValidationError):
        check_answer({"schema": "ci-steps/bump/1", "old": "1", "new": "2", "bump": "huge"})


def test_the_published_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(PUBLISHED.read_text("utf-8")))
