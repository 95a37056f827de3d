"""The questions of `ci-steps dictionary`, as a person types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import Connection, Engine, event

from ci_steps.moments import iso_moment
from tests.parts.commands import typed
from tests.parts.shop import Shop, shop_in

SERVICES = ("auth", "gis", "web")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop_in(tmp_path_factory.mktemp("shop"), in_this_process=True) as opened:
        opened.own()
        _record(opened, "auth", "1.1.0")
        _record(opened, "gis", "201610", "--depends-on", "auth-1.1")
        _record(opened, "web", "3.2.0", "--depends-on", "gis-201610", "--depends-on", "auth-2")
        yield opened


def _record(shop: Shop, service: str, version: str, *more: str) -> None:
    shop.answer("", "dictionary", "record", service, version, "production", *more)


def test_what_is_no_environment_is_said_as_one_in_a_line(shop: Shop) -> None:
    name = "prod'; DROP TABLE service; -- 生产" * 10
    done = shop.ci_steps("", "dictionary", "record", "auth", "1.2", name)
    assert done.returncode == 2
    assert '…" is not the name of an environment: longer than 63 characters' in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 200


def test_the_path_of_an_impact_is_shown(shop: Shop) -> None:
    rows = shop.answer("", "dictionary", "impact", "auth", "1")["impact"]
    assert [row["path"] for row in rows] == [["gis", "auth"], ["web", "gis", "auth"]]
    assert [(row["steps"], row["environments"]) for row in rows] == [
        (1, ["production"]),
        (2, ["production"]),
    ]
    shown = shop.ci_steps("", "dictionary", "impact", "auth", "1").stdout
    assert "web > gis > auth" in shown


def test_a_program_is_told_times_with_their_zone_and_that_there_is_nobody(shop: Shop) -> None:
    rows = shop.answer("", "dictionary", "live", "production")["live"]
    assert all(iso_moment(row["since"]).utcoffset() is not None for row in rows)
    assert shop.answer("", "dictionary", "unowned")["unowned"][0]["owner"] is None
    assert "nobody" in shop.ci_steps("", "dictionary", "unowned").stdout


def test_no_drift_is_not_what_nobody_has_asked(shop: Shop) -> None:
    said = shop.answer("", "dictionary", "drift", "production")
    assert (said["drift"], said["not_asked"]) == ([], [{"service": name} for name in SERVICES])
    shown = shop.ci_steps("", "dictionary", "drift", "production")
    assert shown.stdout == "no drift\n"
    assert "nobody has asked what answers for auth, gis, web: ci-steps probe auth" in shown.stderr


def test_what_a_service_needs_is_shown(shop: Shop) -> None:
    rows = shop.answer("", "dictionary", "dependencies", "web")["dependencies"]
    assert [row["needs"] for row in rows] == ["auth-2", "gis-201610"]


def test_who_owns_nothing_that_can_be_told_is_listed(shop: Shop) -> None:
    (row,) = shop.answer("", "dictionary", "unowned")["unowned"]
    assert (row["service"], row["live_in"]) == ("web", ["production"])


@pytest.mark.parametrize(
    ("question", "said"),
    [
        pytest.param(("dependencies", "auht"), "did you mean auth?", id="dependencies"),
        pytest.param(("impact", "auht"), "did you mean auth?", id="impact"),
        pytest.param(("history", "auht"), "did you mean auth?", id="history"),
        pytest.param(("graph", "--around", "auht"), "did you mean auth?", id="graph"),
        pytest.param(("drift", "prodution"), "did you mean production?", id="drift"),
        pytest.param(("policy", "prodution"), "did you mean production?", id="policy"),
        pytest.param(("dependents", "auth", "1.1"), "has no line '1.1'; known: 1", id="line"),
        pytest.param(("impact", "web", "2"), "web has no line '2'; known: 3", id="line reached"),
        pytest.param(("verify", "gis@201610", "auth"), "two exact versions", id="verify"),
    ],
)
def test_a_name_nobody_knows_is_an_error(shop: Shop, question: tuple[str, ...], said: str) -> None:
    done = shop.ci_steps("", "dictionary", *question)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_picture_is_all_that_standard_output_holds(shop: Shop) -> None:
    done = shop.ci_steps("", "dictionary", "graph", "--format", "svg", "--most", "2")
    assert ET.fromstring(done.stdout).tag.endswith("svg")
    assert "1 more services are not shown" in done.stderr


@pytest.mark.parametrize(("form", "begin"), [("dot", "digraph"), ("mermaid", "flowchart LR")])
def test_a_graph_for_other_programs_has_their_form(shop: Shop, form: str, begin: str) -> None:
    done = shop.ci_steps("", "dictionary", "graph", "--format", form)
    assert done.stdout.startswith(begin)
    assert "line 2 is not live in production" in done.stdout


def pact_file(shop: Shop, *versions: str) -> str:
    """Return a matrix of gis with some versions of auth."""
    rows = [
        {
            "consumer": {"name": "gis", "version": {"number": "201610"}},
            "provider": {"name": "auth", "version": {"number": version}},
            "verificationResult": {"success": True, "verifiedAt": "2017-10-01T12:00:00Z"},
        }
        for version in versions
    ]
    file: Path = shop.folder / "matrix.json"
    file.write_text(json.dumps({"matrix": rows}))
    return str(file)


def test_pact_results_are_imported_once(shop: Shop) -> None:
    asked = ("", "dictionary", "verify", "--pact", pact_file(shop, "1.1.0"))
    effects = [shop.answer(*asked)["verifications"][0]["effect"] for _ in range(2)]
    assert effects == ["added", "unchanged"]


def test_what_of_a_pact_file_is_about_no_release_is_told_with_its_place(shop: Shop) -> None:
    file = pact_file(shop, "1.1.0", "main")
    asked = ("", "dictionary", "verify", "--pact", file)
    why = "'main' is neither a version of ours nor a commit"
    assert shop.answer(*asked)["left_out"] == [{"file": file, "key": "matrix[1]", "text": why}]
    done = shop.ci_steps(*asked)
    assert (done.returncode, "1.1.0" in done.stdout) == (0, True)
    assert f"warning: {file}: matrix[1]: {why}: left out\n" in done.stderr
    strict = shop.ci_steps(*asked, "--strict")
    assert strict.returncode == 2
    assert strict.stderr == (
        f"error: {file}: matrix[1]: {why}\n hint: Without --strict the others are recorded.\n"
    )


def test_a_policy_stays_as_it_was_set(shop: Shop) -> None:
    asked = ("", "dictionary", "policy", "production")
    said = [
        shop.answer(*asked, *more)["policy"][0]["evidence"]
        for more in ([], ["--evidence", "required"], [])
    ]
    assert said == ["optional", "required", "required"]


def test_a_policy_that_is_kept_is_not_asked_for_again(shop: Shop) -> None:
    seen: list[str] = []

    def note_commit(connection: Connection) -> None:
        seen.append("commit")

    def note_statement(*about: Any) -> None:
        seen.append(about[2].split()[0])

    event.listen(Engine, "commit", note_commit)
    event.listen(Engine, "before_cursor_execute", note_statement)
    shop.answer("", "dictionary", "policy", "production", "--evidence", "optional")
    event.remove(Engine, "commit", note_commit)
    event.remove(Engine, "before_cursor_execute", note_statement)
    assert seen[-2:] == ["UPDATE", "commit"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("live", "nothing is live\n"),
        ("unowned", "every service has an owner with a contact\n"),
        ("owners", "no owners\n"),
    ],
)
def test_what_there_is_none_of_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], question: str, said: str
) -> None:
    at = ("--dictionary", str(tmp_path / "dictionary.db"))
    assert typed(capsys, "dictionary", question, *at).out == said
