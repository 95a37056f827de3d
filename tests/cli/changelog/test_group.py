"""`ci-steps changelog`, as one types it in the folder of a service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest

from ci_steps.dictionary.contracts.kept import keep_contract
from ci_steps.dictionary.store import Dictionary
from ci_steps.outside import Outside
from tests.parts import git
from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import deployed, dictionary_at, release
from tests.parts.shop import check_answer
from tests.parts.verdicts import run_in

NOW = datetime.now(timezone.utc)
TODAY = NOW.date()
SOON = TODAY + timedelta(days=30)
LATER = TODAY + timedelta(days=60)


class Desk:
    """A person in the repository of auth, whose line 1 gis needs in production."""

    def __init__(self, folder: Path, dictionary: Dictionary, capsys: pytest.CaptureFixture[str]):
        self.folder, self.dictionary, self._capsys = folder, dictionary, capsys
        self.log = folder / "changelog.json"
        (folder / "ci-steps.yaml").write_text("service: auth\nversion: {file: VERSION}\n")
        self.version("2.0.0")
        git.repository(folder)
        self.commit()

    def version(self, text: str) -> None:
        (self.folder / "VERSION").write_text(f"{text}\n")

    def says(self, *arguments: str) -> Ended:
        return typed(self._capsys, "changelog", *arguments)

    def plans(self, verb: str, *arguments: str, what: str = "GET /old") -> Ended:
        return self.says(
            "plan", verb, "operation", what, "--reason", "we said so", "--by", "us", *arguments
        )

    def commit(self) -> None:
        git.git(self.folder, "add", "--all")
        git.git(self.folder, "commit", "--quiet", "--message", "x")

    def published(self) -> None:
        assert self.says("build").status == 0
        self.commit()

    def edit(self, old: str, new: str) -> None:
        text = self.log.read_text()
        assert old in text
        self.log.write_text(text.replace(old, new))


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    path, folder = tmp_path / "dictionary.db", tmp_path / "auth"
    folder.mkdir()
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(path))
    monkeypatch.chdir(folder)
    # Time goes on, but midnight does not come before the end.
    ticks = count()
    monkeypatch.setattr(Outside, "now", lambda _: NOW + timedelta(microseconds=next(ticks)))
    with dictionary_at(str(path)) as dictionary:
        run_in(dictionary, "auth 1.1.0", "auth 2.0.0", "gis 3.0.0: auth-1.1")
        yield Desk(folder, dictionary, capsys)


def test_from_a_change_that_was_written_to_a_published_document(desk: Desk) -> None:
    added = desk.says("add", "removed", "They expire.", "--what", "DELETE /tokens",
                      "--migration", "Leave it out.")  # fmt: skip
    assert added.out == "changelog.d/delete-tokens.removed.yaml\n"
    assert desk.plans("add", "--on", str(SOON), "--instead", "GET /new").status == 0
    built = desk.says("build", "--form", "markdown")
    assert built.out.splitlines() == [
        "changelog.json: 2 released, 1 planned to end",
        "changelog.md: 2 released, 1 planned to end",
    ]
    document = json.loads(desk.log.read_text())
    check_answer(document)
    (change,) = document["history"][0]["changes"]
    assert (change["what"], change["migration"]) == ("DELETE /tokens", "Leave it out.")
    shown = (desk.folder / "changelog.md").read_text()
    assert f"| operation GET /old | deprecated | {TODAY} | {SOON} | GET /new |" in shown
    assert "- gis no longer needs it" in shown
    assert "- **removed** DELETE /tokens: They expire. *What to do:* Leave it out." in shown
    desk.commit()
    checked = desk.says("check")
    assert checked.status == 0
    assert checked.out == "changelog.json breaks no rule, with nothing to compare it with\n"


def test_building_again_writes_the_same_but_for_its_time(desk: Desk) -> None:
    desk.published()
    first = json.loads(desk.log.read_text())
    second = desk.says("build", "--json").document
    check_answer(second)
    assert {**first, "at": 0} == {**second, "at": 0}


def test_a_history_rewritten_is_found_against_what_was_committed(desk: Desk) -> None:
    desk.published()
    desk.edit('"commit": "c1"', '"commit": "c9"')
    ended = desk.says("check")
    assert ended.status == 1
    line = next(
        at for at, text in enumerate(desk.log.read_text().splitlines(), 1) if '"c9"' in text
    )
    assert f"changelog.json:{line}: history[0].commit: 2.0.0 had c1, not c9" in ended.err
    assert "the dictionary knows 2.0.0 with c1" in ended.err
    desk.commit()
    assert "2.0.0 had c1, not c9" in desk.says("check").err, "the commit before still says it"
    assert "2.0.0 had c1, not c9" in desk.says("check", "--against", "HEAD~1").err
    assert "had c1" not in desk.says("check", "--against", "HEAD").err


def test_everything_that_is_wrong_is_said_at_once_with_its_place(desk: Desk) -> None:
    desk.plans("add", "--on", str(SOON))
    desk.published()
    desk.edit(f'"retire_on": "{SOON}"', f'"retire_on": "{LATER}"')
    folder = desk.folder / "changelog.d"
    folder.mkdir()
    (folder / "a.yaml").write_text("kind: removed\ntext: 1.10\n")
    (folder / "b.yaml").write_text("kind: remvoed\ntext: gone\nvesrion: 1.0.0\n")
    (folder / "c.yaml").write_text("kind: removed\ntext: gone\n")
    ended = desk.says("check")
    assert ended.status == 1
    for text in (
        "changelog.d/a.yaml:2: text: expected a text, got 1.1: put it in quotes",
        "changelog.d/b.yaml:1: kind: 'remvoed' is none of added, changed, deprecated, removed",
        "changelog.d/b.yaml:3: vesrion: unknown key, did you mean version?",
        "changelog.d/c.yaml:1: migration: must be given where something was removed",
        f"plan[0].retire_on: the day moved from {SOON} to {LATER}, and no amendment says why",
    ):
        assert text in ended.err
    answer = desk.says("check", "--json")
    check_answer(answer.document)
    assert (answer.status, answer.document["passed"]) == (1, False)
    assert len(answer.document["problems"]) == ended.err.count("error: ")
    refused = desk.says("build")
    assert refused.status == 2
    assert "changelog.d/b.yaml:3: vesrion: unknown key" in refused.err


def test_a_bugfix_that_removes_is_refused_before_it_is_published(desk: Desk) -> None:
    desk.published()
    desk.version("2.0.1")
    desk.says("add", "removed", "Gone.", "--what", "GET /x", "--migration", "Use GET /y.")
    for command in ("build", "check"):
        ended = desk.says(command)
        assert ended.status == 1
        assert (
            "changelog.d/get-x.removed.yaml:1: kind: GET /x is removed in a bugfix, "
            "which takes nothing away: 2.0.1" in ended.err
        )


def test_the_plan_moves_later_with_a_reason_and_earlier_when_urgent(desk: Desk) -> None:
    desk.plans("add", "--on", str(SOON))
    earlier = desk.plans("amend", "--on", str(SOON - timedelta(days=1)))
    assert earlier.status == 1
    assert f"earlier than {SOON}, which was promised" in earlier.err
    assert desk.plans("amend", "--on", str(LATER)).status == 0
    assert desk.plans("amend", "--on", str(TODAY), "--urgent").status == 0
    assert desk.plans("amend", "--on", str(TODAY), "--urgent").status == 0
    answer = desk.says("plan", "show", "--json").document
    check_answer(answer)
    (item,) = answer["plan"]
    assert [one["urgent"] for one in item["amendments"]] == [False, True, True]
    assert (item["promised"], item["retire_on"]) == (str(SOON), str(TODAY))
    desk.plans("withdraw")
    assert "withdrawn" in desk.says("plan", "show", "--service", "auth").out
    assert desk.says("build").status == 0


def test_the_plan_of_a_line_and_its_retirement_are_one(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.says("plan", "add", "line", "1", "--on", str(SOON), "--reason", "v2 has it")
    kept = typed(capsys, "retirement", "show", "auth", "1", "--json").document
    assert [one["retire_on"] for one in kept["decisions"]] == [str(SOON)]
    typed(capsys, "retirement", "amend", "auth", "1", "--on", str(LATER), "--reason", "more time")
    assert str(LATER) in desk.says("plan", "show").out


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        pytest.param(("check",), 2, "changelog.json: no such file", id="nothing to check"),
        pytest.param(("add", "removed", "x"), 2, "migration: must be given", id="no way on"),
        pytest.param(("add", "fixed", " "), 2, "text: is empty", id="no text"),
        pytest.param(("add", "fixed", "x", "--release", "1.x"), 2, "'1.x'", id="no version"),
        pytest.param(("bulid",), 2, "did you mean build", id="no command"),
        pytest.param(("plan", "show", "--service", "auht"), 2, "did you mean auth", id="service"),
        pytest.param(
            ("plan", "add", "line", "7", "--reason", "x"), 2, "has no line '7'", id="line"
        ),
        pytest.param(
            ("plan", "add", "event", "x", "--reason", " "), 2, "--reason is empty", id="reason"
        ),
        pytest.param(
            ("plan", "amend", "line", "1", "--on", "2999-01-01", "--urgent", "--reason", "x"),
            2,
            "decided by its retirement",
            id="an urgent line",
        ),
        pytest.param(
            ("plan", "add", "event", "x", "--on", "2999-01-01", "--deprecated", "2999-01-02",
             "--reason", "x"),
            2,
            "--deprecated 2999-01-02 is after its end",
            id="deprecated too late",
        ),
        pytest.param(
            ("plan", "withdraw", "event", "x", "--reason", "x"), 1, "not announced", id="nothing"
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_says_so(
    desk: Desk, arguments: tuple[str, ...], status: int, error: str
) -> None:
    ended = desk.says(*arguments)
    assert (ended.status, error in ended.err) == (status, True), ended.err


def test_a_document_that_is_none_is_said_so_by_check_and_build(desk: Desk) -> None:
    desk.log.write_text('{"schema": "ci-steps/changelog/1", "history": 7}')
    checked = desk.says("check")
    assert checked.status == 1
    assert "changelog.json:1: history: expected a list, got 7" in checked.err
    assert "changelog.json:1: plan: must be given" in checked.err
    assert desk.says("build").status == 2


def test_a_service_that_was_renamed_keeps_what_it_published(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.published()
    assert typed(capsys, "dictionary", "rename", "auth", "identity").status == 0
    (desk.folder / "ci-steps.yaml").write_text("service: identity\nversion: {file: VERSION}\n")
    assert "this is the change log of auth, not of identity" in desk.says("check").err
    assert desk.says("build").status == 0
    assert desk.says("check").status == 0
    (desk.folder / "ci-steps.yaml").write_text("service: gis\nversion: {file: VERSION}\n")
    refused = desk.says("build")
    assert (refused.status, "it was the change log of identity" in refused.err) == (1, True)


def test_an_unknown_revision_is_an_error_and_never_nothing_to_compare(desk: Desk) -> None:
    desk.published()
    ended = desk.says("check", "--against", "nowhere")
    assert (ended.status, "git knows no changelog.json in 'nowhere'" in ended.err) == (2, True)
    assert desk.says("check", "--against", "--output=x").status == 2


def test_the_site_has_what_services_published(desk: Desk) -> None:
    desk.says("add", "fixed", "It starts.", "--release", "1.1.0")
    desk.says("build", "--form", "html", "--to", "logs")
    (desk.folder / "logs" / "changelog.json").rename(desk.folder / "logs" / "auth.json")
    (desk.folder / "logs" / "gis.json").write_text("{")
    answer = desk.says("site", "public", "--documents", "logs", "--json").document
    check_answer(answer)
    assert (answer["services"], answer["files"]) == (2, 5)
    assert answer["problems"][0].startswith("logs/gis.json:1: ")
    assert "It starts." in (desk.folder / "public" / "services" / "auth.html").read_text()
    told = desk.says("site", "public")
    assert told.out == "public/index.html: 2 services in services/\n"
    assert desk.says("site", "--documents", "nowhere").status == 2


def _keep(desk: Desk, content: bytes) -> str:
    with desk.dictionary.writing() as connection:
        return keep_contract(connection, "api.yaml", {"api.yaml": content})


def test_the_overlay_is_made_for_the_contract_and_says_what_is_not_in_it(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.folder / "api.yaml").write_text("openapi: 3.1.0\npaths: {/old: {get: {}}}\n")
    (desk.folder / "other.yaml").write_text("swagger: '2.0'\npaths: {}\n")

    def says(*arguments: str) -> Ended:
        return typed(capsys, "retirement", "overlay", "auth", "1", *arguments)

    assert "the dictionary has no contract of line 1 of auth" in says().err
    nothing = says("--contract", "api.yaml")
    assert (nothing.status, "is planned to end" in nothing.err) == (1, True)
    desk.plans("add", "--on", str(SOON))
    desk.plans("add", what="GET /gone")
    made = says("--contract", "api.yaml")
    (action,) = made.document["actions"]
    assert action["target"] == "$['paths']['/old']['get']"
    assert action["update"] == {"deprecated": True, "x-sunset": str(SOON)}
    assert "warning: the operation GET /gone is planned to end, and is not in api.yaml" in made.err
    answer = says("--contract", "api.yaml", "--json").document
    check_answer(answer)
    of = release("auth 1.2.0", contract=_keep(desk, b"openapi: 3.1.0\npaths: {/old: {put: {}}}"))
    desk.dictionary.record_deployment(of, deployed(of, "staging"), production=False)
    kept = says()
    assert "is planned to end, and is not in auth@1.2.0" in kept.err, "the one that has a contract"
    assert says("--contract", "other.yaml").status == 1
    assert says("--contract", "ci-steps.yaml").status == 2
