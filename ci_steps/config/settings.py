"""What ci-steps.yaml may say, apart from the options of plugs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from ci_steps.options import REQUIRED, VersionText, option
from ci_steps.uses.files import Declared
from ci_steps.versions import SCHEMES, Requirement

_LONGEST_GRACE_DAYS = 3650


@attrs.frozen
class VersionSource:
    """Where the version of a build is read: one place, or the version itself."""

    SHORT_FOR: ClassVar[str] = "text"

    text: VersionText = option(VersionText(""), "The version itself.", example="1.1.0")
    file: str = option("", "A file that holds the version and nothing else.", example="VERSION")
    git_tag: str | None = option(
        None, "Text before the version in the git tag of this commit; often empty.", example="v"
    )
    pyproject: str = option(
        "", "A pyproject.toml; project.version is read.", example="pyproject.toml"
    )
    package_json: str = option("", "A package.json; its version is read.", example="package.json")
    env: str = option("", "An environment variable that holds the version.", example="VERSION")


@attrs.frozen
class EnvironmentSettings:
    """A place where the service runs."""

    target: dict[str, Any] = option(
        REQUIRED,
        "The name of a target and, under it, the target's options.",
        example={"process": {"command": ["python3", "service.py"]}},
    )
    traffic: dict[str, Any] = option(
        {},
        "Who shares calls out among lines that stand beside each other: the name of a balancer "
        "and, under it, its options.",
        example={"haproxy": {"socket": "/run/haproxy/admin.sock"}},
    )
    production: bool = option(False, "Whether the gates before production hold here.")
    after: tuple[str, ...] | None = option(
        None,
        "Environments where this very build must have passed its integration tests before "
        "production; without it, those of the pipeline before this one.",
    )
    approval: str = option(
        "never",
        "Whether somebody must have approved this very build before, with `ci-steps approve`: "
        "anyone, or other, who is not the author of its commit.",
        choices=("never", "anyone", "other"),
    )


@attrs.frozen
class DatabaseSettings:
    """Whether a release changes its database so that the version before cannot come back."""

    SHORT_FOR: ClassVar[str] = "change"

    change: str = option(
        "none",
        "breaking, where the version before cannot work with the database after it: such a release "
        "needs a rollback note, and is never rolled back automatically.",
        choices=("none", "breaking"),
    )
    rollback: str = option(
        "",
        "The rollback note: how a person goes back. A file, or the text itself.",
        example="docs/rollback-2.md",
    )
    since: VersionText = option(
        VersionText(""),
        "The first version that changes it so; without it this one. Where one since then is live, "
        "the change has been made.",
        example="2.0.0",
    )


@attrs.frozen
class NotifySettings:
    """Who is told, and how."""

    grace_days: int | None = option(
        None,
        "Days in which the owners of dependents are asked to move; a month when it is not given.",
        at_least=0,
        at_most=_LONGEST_GRACE_DAYS,
    )
    carry_along: bool = option(
        True,
        "Whether every run and step sends a few overdue messages of others, in five seconds at "
        "most.",
    )
    catch_all: str = option(
        "",
        "The owner who hears of it when nobody could be told; otherwise that of the release.",
        example="platform-team",
    )
    channels: dict[str, Any] = option(
        {"file": {}},
        "The channels in use by name and, under each, its options.",
        example={"slack": {}, "email": {"host": "mail.shop.example"}},
    )
    urgent: bool = option(
        False, "Whether the dependents of this release must move now, as when it closes a hole."
    )
    after_due: str = option(
        "",
        "What happens on that day, as the end of a sentence: That day …",
        example="/v1 is switched off",
    )
    links: dict[str, str] = option(
        {},
        "Pages that help to move, by their titles; {service}, {version} and {line} are filled in.",
        example={"Migration guide": "https://{service}.shop.example/move-to-{line}"},
    )
    time_zone: str = option(
        "UTC", "Where people work of whose time zone nothing is known.", example="Europe/Berlin"
    )
    working_hours: str = option(
        "09:00-17:00", "When people are told what is not urgent, where they are."
    )
    holidays: tuple[str, ...] = option(
        (),
        "Days off for everybody, each as a day or as an .ics file.",
        example=["2026-12-24", "holidays.ics"],
    )
    holidays_in: dict[str, tuple[str, ...]] = option(
        {}, "Days off in a time zone.", example={"Europe/Berlin": ["2026-10-03"]}
    )
    ack_days: int = option(
        90, "Days after the due day that may be asked for with notices ack.", at_least=0
    )
    ack_url: str = option(
        "",
        "A page where a notice is acknowledged without a command line.",
    )
    templates: str = option(
        "", "A folder with templates of your own; what it lacks or gets wrong is said in our words."
    )
    reroute: dict[str, str] = option(
        {},
        "One address for each channel that gets everything, for a trial; it says for whom it was.",
        example={"slack": "#ci-steps-trial", "email": "trial@shop.example"},
    )


@attrs.frozen
class RetirementSettings:
    """When an old line of the service may go, and where it is seen who calls it."""

    policy: str = option(
        "after_quiet",
        "When a line goes that nobody live needs: at_once, after_quiet, or manual, where somebody "
        "has to approve.",
        choices=("at_once", "after_quiet", "manual"),
    )
    quiet_days: int = option(30, "Days without a call before it may go.", at_least=1)
    notice_days: int = option(30, "Days between its announcement and its end.", at_least=0)
    callers_outside: bool = option(
        False, "Whether somebody calls it who is in no dictionary, such as customers."
    )
    usage: dict[str, Any] = option(
        {},
        "What sees the calls, by name and, under each, its options; with several of them a line "
        "is quiet when all say so.",
        example={"prometheus": {"url": "https://prometheus.shop.example"}},
    )
    front: dict[str, Any] = option(
        {},
        "What stands between a line and its callers, by name and, under it, its options; without "
        "it process, where that is the target.",
        example={"nginx": {"file": "/etc/nginx/lines/{service}-{line}.conf"}},
    )
    link: str = option(
        "",
        "A page about the move, for callers; {service} and {line} are filled in.",
        example="https://{service}.shop.example/end-of-{line}",
    )
    brown_out_days: tuple[int, ...] = option(
        (14, 7, 3, 1), "Days before the end on which callers are refused for a while."
    )
    brown_out_at: str = option("10:00", "When on these days, in UTC.")
    brown_out_minutes: int = option(10, "For how long.", at_least=1, at_most=1440)
    brown_out_gone: bool = option(
        False, "Whether callers get 410 Gone then, as they will; otherwise 503 with Retry-After."
    )
    brown_out_notice_days: int = option(
        3, "Days between the message about a brown-out and the first refusal.", at_least=0
    )
    image_days: int = option(
        30, "Days without a call behind 410 Gone before the image is removed.", at_least=0
    )


@attrs.frozen
class Settings:
    """The keys of ci-steps.yaml."""

    service: str = option(REQUIRED, "The name of the service.", example="gis")
    owner: str = option("", "The owner, a team or person the dictionary knows.", example="gis-team")
    extends: str = option(
        "", "A file of the organisation with defaults for every key.", example="../ci-defaults.yaml"
    )
    version: VersionSource | None = option(
        None, "Where the version comes from; without it VERSION, pyproject.toml, package.json."
    )
    scheme: str = option(
        "",
        "How versions are written, when the text alone does not say it.",
        choices=("", *SCHEMES),
    )
    depends_on: tuple[Requirement, ...] = option(
        (),
        "What the service needs, as requirements in quotes or plain texts.",
        example=["auth-1.1"],
    )
    uses: dict[str, Declared] = option(
        {},
        "What the service uses of those it depends on, by their names; of others nobody knows.",
        example={"auth": ["GET /tokens: items[*].id"], "gis": {"pact": "pacts/web-gis.json"}},
    )
    contract: str = option("", "The file that describes the API.", example="openapi.yaml")
    formats: dict[str, Any] = option(
        {},
        "How contracts are compared: options of their formats, by the format's name.",
        example={"graphql": {"open_enums": True}},
    )
    database: DatabaseSettings | None = option(
        None, "What this release changes in its database, for example breaking."
    )
    repository: str = option("", "The address of the service's git repository.")
    dictionary: str = option(
        "",
        "The dictionary: a path, or an address without a password. CI_STEPS_DICTIONARY wins.",
        example="/srv/ci-steps/dictionary.db",
    )
    pipeline: tuple[str, ...] | None = option(
        None,
        "The steps of a run in their order, with the environment where one is due; without it "
        "the usual ones: tests, checks and the image, then every environment, production last, "
        "then the notices.",
        example=["unit-test", "deploy staging", "integration-test staging"],
    )
    steps: dict[str, Any] = option({}, "Options of steps, by the step's name.")
    environments: dict[str, EnvironmentSettings] = option(
        {}, "The environments, by name.", example={"staging": {"target": {"process": {}}}}
    )
    probes: dict[str, dict[str, Any]] = option(
        {},
        "How to ask which version of a provider runs: the provider, the probe, its options.",
        example={"auth": {"http": {"url": "https://auth.{environment}.shop.example"}}},
    )
    notify: NotifySettings | None = option(None, "Who is told when a release breaks callers.")
    retirement: RetirementSettings | None = option(
        None, "When an old line may go, and where it is seen who calls it."
    )


def usual_pipeline(environments: Mapping[str, EnvironmentSettings]) -> tuple[str, ...]:
    """Return the steps of a run for the environments that are described."""
    before = [name for name, settings in environments.items() if not settings.production]
    production = [name for name in environments if name not in before]
    return (
        "unit-test",
        "version-check",
        "container-build",
        *(f"{step} {name}" for name in before for step in ("deploy", "integration-test")),
        *(f"deploy {name}" for name in production),
        "notify-owners",
    )
