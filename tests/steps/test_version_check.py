from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from ci_steps.dictionary.contracts.kept import comparison, kept_contract
from ci_steps.dictionary.store import Dictionary
from ci_steps.endings import Ending
from ci_steps.errors import ContractError
from ci_steps.jobs.comparing import Formats
from ci_steps.jobs.own_contract import OwnContract
from ci_steps.model import Deployment, Environment, Release, Status, StepResult
from ci_steps.outside import Outside
from ci_steps.protocols import Found, Job
from ci_steps.steps.version_check import Options, run
from ci_steps.versions import parse_requirement, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = datetime(2017, 10, 1, tzinfo=timezone.utc)

STREET_GONE = "Field Query.street was removed (api.graphql:3 → api.graphql:1)"


class Then(Outside):
    """The world on 1 October 2017."""

    def now(self) -> datetime:
        return AT


class Quiet:
    """Progress that nobody watches."""

    def line(self, text: str) -> None: ...

    def note(self, text: str) -> None: ...


class World:
    """A real dictionary, and what probes would find."""

    def __init__(self, dictionary: Dictionary, root: Path) -> None:
        self.dictionary, self.root = dictionary, root
        self.found: dict[tuple[str, str], tuple[Found, ...]] = {}
        self.path: Path | None = None

    @property
    def contract(self) -> OwnContract:
        return OwnContract(self.root, self.path, Formats(Then({})), self.dictionary)

    def describes(self, text: str, name: str = "api.graphql") -> None:
        """Let the contract of gis be this."""
        self.path = self.root / name
        self.path.write_text(text, encoding="utf-8")

    def release(self, version: str, commit: str = "abc", *, final: bool = True) -> None:
        """Record that gis was released."""
        parsed, environment = parse_version(version), "production" if final else "staging"
        self.dictionary.record_deployment(
            Release("gis", parsed, commit, contract_digest=self.contract.digest),
            Deployment("gis", parsed, commit, environment, parsed.line, AT),
            production=final,
            also=self.contract.keep,
        )

    def runs(self, provider: str, version: str, environment: str = "staging") -> None:
        """Let a provider answer in an environment."""
        found = Found(f"http://{provider}.shop.example/version", parse_version(version))
        self.found[provider, environment] = (found,)

    def check(
        self,
        version: str,
        *needs: str,
        environment: str = "",
        commit: str = "abc",
        strict: bool = False,
        options: Options | None = None,
    ) -> StepResult:
        """Run the step for gis."""
        job = Job(
            service="gis",
            owner="gis-team",
            version=parse_version(version),
            commit=commit,
            root=self.root,
            requirements=tuple(map(parse_requirement, needs)),
            outside=Then({}),
            dictionary=self.dictionary,
            progress=Quiet(),
            find=lambda provider, place: self.found.get((provider, place), ()),
            environment=Environment(environment) if environment else None,
            contract=self.contract,
            by="gis-team",
            url="https://ci.shop.example/7",
        )
        return run(job, options or Options(strict=strict))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    engine = Outside({}).database(str(tmp_path / "dictionary.db"))
    with Dictionary.open(engine) as dictionary:
        yield World(dictionary, tmp_path)


# The service's own version.


def test_a_first_release_passes(world: World) -> None:
    result = world.check("1.0.0")
    assert result.status is Status.PASSED
    assert result.summary == "gis 1.0.0: the first release; needs no other service"
    assert result.outputs == {"bump": "first", "breaking": "false", "verdict": "yes"}


def test_a_bump_is_measured_from_the_release_before(world: World) -> None:
    world.release("1.0.0")
    world.release("1.1.0")
    result = world.check("1.1.1")
    assert result.summary.startswith("gis 1.1.1: bugfix after 1.1.0;")
    assert result.tables[0].rows == (("1.1.1", "1.1.0", "bugfix", "bugfix after 1.1.0"),)


def test_a_major_is_handed_over_as_breaking(world: World) -> None:
    world.release("1.1.0")
    assert world.check("2.0.0").outputs["breaking"] == "true"


def test_a_candidate_is_no_release_before(world: World) -> None:
    world.release("1.0.0")
    world.release("1.1.0", final=False)
    assert world.check("1.1.1").outputs["bump"] == "feature"


def test_the_same_commit_again_passes(world: World) -> None:
    world.release("1.1.0", "abc")
    result = world.check("1.1.0", commit="abc")
    assert result.status is Status.PASSED
    assert "already released" in result.summary


def test_a_released_version_is_not_given_to_another_commit(world: World) -> None:
    world.release("1.1.0", "abc")
    world.release("1.1.1", "def")
    result = world.check("1.1", commit="fff")
    assert result.status is Status.FAILED
    assert result.exit_code == 1
    assert result.summary == "gis 1.1 is already released from commit abc"
    assert result.hint.endswith("the next version for this commit is 1.1.2.")
    assert result.outputs["verdict"] == "no"
    assert not result.evidence[0].passed


def test_a_candidate_may_be_replaced_by_a_later_commit(world: World) -> None:
    world.release("1.1.0", "abc", final=False)
    assert world.check("1.1.0", commit="def").status is Status.PASSED


def test_an_older_line_is_maintained_beside_a_later_one(world: World) -> None:
    world.release("1.1.0")
    world.release("2.0.0")
    result = world.check("1.1.1")
    assert result.status is Status.PASSED
    assert "bugfix after 1.1.0, beside the later 2.0.0" in result.summary
    assert result.outputs["breaking"] == "false"
    assert result.warnings == ()


def test_a_version_behind_its_own_line_is_a_warning(world: World) -> None:
    world.release("1.0.0")
    world.release("1.2.0")
    result = world.check("1.1.0")
    assert result.status is Status.PASSED
    assert result.warnings == ("1.2.0 of the same line is released already",)


def test_a_version_before_every_release_is_not_the_first(world: World) -> None:
    world.release("2.0.0")
    result = world.check("1.0.0")
    assert "older than every release, beside the later 2.0.0" in result.summary


def test_another_scheme_is_treated_as_major(world: World) -> None:
    world.release("1.1.0")
    result = world.check("v1_20171001-1")
    assert result.outputs["bump"] == "scheme_change"
    assert result.outputs["breaking"] == "true"
    assert "treated as major: 1.1.0 is semver, v1_20171001-1 is dated" in result.summary


# What the contract says.

ONE = "type Query {\n  place: Int\n}\n"
TWO = "type Query {\n  place: Int\n  street: Int\n}\n"


def test_the_same_contract_makes_a_later_date_a_feature(world: World) -> None:
    world.describes(ONE)
    world.release("v1_20170901-1")
    result = world.check("v1_20171001-1")
    assert result.outputs == {"bump": "may_break", "breaking": "false", "verdict": "yes"}
    assert "treated as feature: the contract is the same" in result.summary


def test_a_compatible_contract_makes_a_later_date_a_feature(world: World) -> None:
    world.describes(ONE)
    world.release("v1_20170901-1")
    world.describes(TWO)
    result = world.check("v1_20171001-1")
    assert result.outputs["breaking"] == "false"
    assert "treated as feature: nothing in the contract breaks callers" in result.summary


def test_a_contract_that_breaks_makes_a_later_date_a_major(world: World) -> None:
    world.describes(TWO)
    world.release("v1_20170901-1")
    world.describes(ONE)
    result = world.check("v1_20171001-1")
    assert result.outputs["breaking"] == "true"
    assert f"treated as major: {STREET_GONE}" in result.summary
    assert [(mark.level, mark.file, mark.line) for mark in result.marks] == [
        ("warning", "api.graphql", 1)
    ]


@pytest.mark.parametrize("version", ["1.1.1", "1.2.0"])
def test_a_promise_that_the_contract_breaks_is_refused(world: World, version: str) -> None:
    world.describes(TWO)
    world.release("1.1.0")
    world.describes(ONE)
    result = world.check(version)
    assert result.status is Status.FAILED
    assert f"breaks callers: {STREET_GONE}" in result.summary
    assert result.hint == "Take back what changed, or release it as 2.0.0."
    assert [mark.level for mark in result.marks] == ["error"]
    assert result.tables[1].rows[0][:3] == ("breaking", "graphql-field-removed", "Query.street")


def test_a_major_with_a_contract_that_breaks_passes_and_shows_what_does(world: World) -> None:
    world.describes(TWO)
    world.release("1.1.0")
    world.describes(ONE)
    result = world.check("2.0.0")
    assert result.status is Status.PASSED
    assert result.tables[1].title == "Contract, after 1.1.0"


def test_a_feature_that_adds_something_passes(world: World) -> None:
    world.describes(ONE)
    world.release("1.1.0")
    world.describes(TWO)
    result = world.check("1.2.0")
    assert result.status is Status.PASSED
    assert result.warnings == ()
    assert result.marks == ()


def test_what_was_compared_is_kept(world: World) -> None:
    world.describes(TWO)
    world.release("1.1.0")
    before = world.contract.digest
    world.describes(ONE)
    world.check("2.0.0")
    with world.dictionary.reading() as connection:
        kept = comparison(connection, before, world.contract.digest)
        assert kept is not None
        assert [change.rule for change in kept.changes] == ["graphql-field-removed"]
        assert kept_contract(connection, world.contract.digest, "gis@2.0.0") is not None


def test_a_contract_that_disappeared_breaks(world: World) -> None:
    world.describes(ONE)
    world.release("1.1.0")
    world.path = None
    result = world.check("1.1.1")
    assert result.status is Status.FAILED
    assert "the release before described its API, and this one does not" in result.summary


def test_a_contract_that_appeared_is_fine(world: World) -> None:
    world.release("1.1.0")
    world.describes(ONE)
    assert world.check("1.1.1").warnings == ()


@pytest.mark.parametrize("version", ["1.1.1", "1.2.0"])
def test_a_contract_that_cannot_be_compared_is_never_no_change(world: World, version: str) -> None:
    world.describes(ONE)
    world.release("1.1.0")
    world.describes("struct Place { 1: i32 street }\n", "api.thrift")
    result = world.check(version)
    assert result.status is Status.FAILED
    assert "gis@1.1.0 is graphql and api.thrift is thrift" in result.summary
    assert result.hint.startswith("Correct the contract, or announce a major")


def test_a_contract_that_cannot_be_read_is_an_error_with_its_line(world: World) -> None:
    world.release("1.1.0")
    world.describes("type Query {\n  place Int\n}\n")
    with pytest.raises(ContractError, match=r"api\.graphql:2"):
        world.check("1.1.1")


def test_a_bugfix_with_another_contract_of_an_unknown_format_is_a_warning(world: World) -> None:
    world.describes("anything", "api.raml")
    world.release("1.1.0")
    world.describes("anything else", "api.raml")
    result = world.check("1.1.1")
    assert result.status is Status.PASSED
    assert result.warnings == ("a bugfix, and the contract changed, and its format is not known",)


@pytest.mark.parametrize(
    ("version", "warnings"),
    [pytest.param("v1_20171001-1", 0, id="today"), pytest.param("v1_20171002-1", 1, id="tomorrow")],
)
def test_what_is_odd_about_a_version_is_a_warning(
    world: World, version: str, warnings: int
) -> None:
    result = world.check(version)
    assert result.status is Status.PASSED
    assert len(result.warnings) == warnings


# What it needs.


def test_at_build_time_what_was_ever_released_will_do(world: World) -> None:
    world.release("1.2.0")
    result = world.check("1.2.1", "gis-1.2")
    assert result.summary.endswith("1 of 1 dependencies are satisfied")
    assert result.tables[1].title == "Dependencies"


def test_in_an_environment_what_runs_there_decides(world: World) -> None:
    world.runs("auth", "1.0.0", "staging")
    world.runs("auth", "1.1.0", "production")
    staging = world.check("1.0.0", "auth-1.1", environment="staging")
    production = world.check("1.0.0", "auth-1.1", environment="production")
    assert staging.summary == "auth-1.1: 1.0.0: older than 1.1"
    assert staging.failed
    assert staging.hint
    assert staging.tables[1].title == "Dependencies in staging"
    assert production.outputs["verdict"] == "yes"


def test_what_is_not_known_is_a_warning(world: World) -> None:
    result = world.check("1.0.0", "auth-1.1", environment="staging")
    assert result.status is Status.PASSED
    assert result.outputs["verdict"] == "unknown"
    assert result.warnings == ("auth-1.1: not known: auth is not live in staging",)


def test_what_is_not_known_fails_a_strict_check(world: World) -> None:
    result = world.check("1.0.0", "auth-1.1", environment="staging", strict=True)
    assert result.status is Status.FAILED
    assert result.outputs["verdict"] == "unknown"
    assert result.warnings == ()
    assert result.hint == "Without strict, what is not known is a warning."


def test_everything_that_is_wrong_is_said_at_once(world: World) -> None:
    world.release("1.1.0", "abc")
    world.runs("auth", "1.0.0")
    world.runs("mail", "2.0.0")
    result = world.check("1.1.0", "auth-1.1", "mail-1", environment="staging", commit="def")
    assert result.summary == (
        "gis 1.1.0 is already released from commit abc; auth-1.1: 1.0.0: older than 1.1; "
        "mail-1: line 1 is not live: found 2.0.0"
    )


def test_what_will_be_switched_off_is_a_warning(world: World) -> None:
    ends = Ending(ends=datetime(2017, 12, 23, tzinfo=timezone.utc))
    found = Found("http://auth.shop.example/version", parse_version("1.1.0"), ending=ends)
    world.found["auth", "staging"] = (found,)
    result = world.check("1.0", "auth-1.1", environment="staging")
    assert result.status is Status.PASSED
    assert "auth-1.1: line 1 of auth will be switched off on 2017-12-23" in result.warnings


def test_what_is_newly_needed_of_what_will_be_switched_off_is_refused_where_that_is_asked(
    world: World,
) -> None:
    ends = Ending(ends=datetime(2017, 12, 23, tzinfo=timezone.utc))
    found = Found("http://auth.shop.example/version", parse_version("1.1.0"), ending=ends)
    world.found["auth", "staging"] = (found,)
    world.release("1.0")
    options = Options(newly_deprecated="refuse")
    result = world.check("1.1", "auth-1.1", environment="staging", options=options)
    assert result.status is Status.FAILED
    assert "switched off on 2017-12-23; nothing needed it before" in result.summary
    assert "Need a newer line" in result.hint
    assert world.check("1.1", "auth-1.1", environment="staging").status is Status.PASSED


def test_the_evidence_is_for_this_build_and_place(world: World) -> None:
    world.runs("auth", "1.1.0")
    (evidence,) = world.check("1.0.0", "auth-1.1", environment="staging").evidence
    assert (evidence.kind, evidence.passed) == ("version-check", True)
    assert (evidence.service, evidence.version, evidence.commit) == ("gis", "1.0.0", "abc")
    assert (evidence.environment, evidence.at) == ("staging", AT)
    assert (evidence.by, evidence.url) == ("gis-team", "https://ci.shop.example/7")
    assert world.check("1.0.0").evidence[0].environment == ""


TOKENS = """\
openapi: 3.0.3
paths:
  /tokens:
    get:
      summary: Whom a token belongs to.
      responses:
        "200":
          content:
            application/json:
              schema:
                type: object
                required: [user, expires]
                properties:
                  user: {type: string}
                  expires: {type: integer}
"""
LESS = TOKENS.replace("                  expires: {type: integer}\n", "").replace(", expires", "")
MORE = TOKENS.replace(
    "      responses", "      parameters: [{name: brief, in: query}]\n      responses"
)


def test_a_bugfix_that_lost_a_field_of_a_response_is_refused_with_its_line(world: World) -> None:
    world.describes(TOKENS, "openapi.yaml")
    world.release("1.1.0")
    world.describes(LESS, "openapi.yaml")
    result = world.check("1.1.1")
    assert result.status is Status.FAILED
    assert "GET /tokens 200: the property `expires` was removed (openapi.yaml:" in result.summary
    assert result.hint == "Take back what changed, or release it as 2.0.0."
    assert [(mark.level, mark.file, mark.line) for mark in result.marks] == [
        ("error", "openapi.yaml", 10)
    ]


def test_a_feature_with_a_new_optional_parameter_passes(world: World) -> None:
    world.describes(TOKENS, "openapi.yaml")
    world.release("1.1.0")
    world.describes(MORE, "openapi.yaml")
    assert world.check("1.2.0").status is Status.PASSED
    assert world.check("1.1.1").status is Status.PASSED


def test_a_date_with_a_clean_openapi_document_is_treated_as_a_feature(world: World) -> None:
    world.describes(TOKENS, "openapi.yaml")
    world.release("v1_20170901-1")
    world.describes(MORE, "openapi.yaml")
    result = world.check("v1_20171001-1")
    assert result.outputs["breaking"] == "false"
    assert "treated as feature: nothing in the contract breaks callers" in result.summary
