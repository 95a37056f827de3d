"""The shape of every plug, and the Job a step is given.

A plug is a module that fulfils one of these protocols; `ci_steps.registry` gives it the name
users write. Its ``Options`` is an attrs class of `ci_steps.options.option` fields; where some of
them do not go together, ``contradictions(options)`` yields pairs of a key and what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.comparisons.changes import Change, Compared, Contract
from ci_steps.endings import Ending, Window
from ci_steps.model import (
    DatabaseChange,
    Deployment,
    Environment,
    Evidence,
    Line,
    Mark,
    Obligation,
    Owner,
    Release,
    StepResult,
)
from ci_steps.usage import Rules, Usage, UsageQuestion
from ci_steps.versions import Requirement, Version

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.outside import Outside


class Progress(Protocol):
    """Where a plug shows what is going on; only the console writes."""

    def line(self, text: str) -> None:
        """Show one line that a command printed."""

    def note(self, text: str) -> None:
        """Show one line of our own about long work."""


@dataclass(frozen=True)
class Build:
    """What is deployed: a service's folder or image at a version and a commit.

    Of one that `is_irreversible` what ran before must never be brought back, for its database
    cannot be: a target leaves what is there when it fails, and says so.
    """

    service: str
    version: Version
    commit: str
    root: Path
    image: str = ""
    digest: str = ""
    is_irreversible: bool = False

    @property
    def pinned_image(self) -> str:
        """The image by its digest, which is the only name that cannot come to mean another."""
        if not self.digest:
            return self.image
        return f"{self.image.rpartition(':')[0]}@{self.digest}"


@dataclass(frozen=True)
class Place:
    """Where it is deployed, and what the service is told in its environment variables.

    `slot` is the instance place: a new build in the same slot replaces the one before it,
    other slots are left alone.
    """

    environment: str
    slot: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placement:
    """A build that answers its version. `text` says how that was seen."""

    address: str
    text: str = ""


class Target(Protocol):
    """Where builds run: ``targets/process.py``, ``targets/compose.py``.

    One that needs a tool has ``missing(outside)`` as well: why it cannot be used here, or nothing.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802 (the name every plug gives its class)
        """What ci-steps.yaml may say under the target's name."""

    def deploy(
        self, build: Build, place: Place, options: Any, outside: Outside, progress: Progress
    ) -> Placement:
        """Bring *build* to *place* and return when it answers its version.

        When it does not, what ran there before runs there again and RefusedError says why;
        where the build `is_irreversible`, nothing is brought back, and it says what is there.
        Interrupted, it leaves what ran before as it was. Deploying what already answers
        changes nothing. In a rehearsal (`outside.rehearsing`) the answer is supposed.
        """

    def stop(self, service: str, place: Place, options: Any, outside: Outside) -> None:
        """End what runs at *place*, if anything does."""


@dataclass(frozen=True)
class Login:
    """Who asks a registry."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Lines:
    """The lines of a service among which the calls to one address are shared out.

    `addresses` are where each of them answers, and `slots` in which instance place, by the line.
    """

    service: str
    environment: str
    addresses: Mapping[str, str]
    slots: Mapping[str, str] = field(default_factory=dict)

    def filled(self, text: str, line: str) -> str:
        """Return *text* with {service}, {environment}, {line} and its {slot} filled in."""
        told = {
            "service": self.service,
            "environment": self.environment,
            "line": line,
            "slot": self.slots.get(line, line),
        }
        for name, value in told.items():
            text = text.replace(f"{{{name}}}", value)
        return text


class Balancer(Protocol):
    """Who shares calls out among lines: ``balancers/haproxy.py``, ``balancers/kubernetes.py``.

    One that may know no parts has ``moves_all_or_none(options)`` as well.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the balancer's name."""

    def shares(self, lines: Lines, options: Any, outside: Outside) -> Mapping[str, int]:
        """Return the percent of the calls that each line gets now."""

    def shift(
        self, lines: Lines, wanted: Mapping[str, int], options: Any, outside: Outside
    ) -> None:
        """Give each line the percent that is *wanted*; an error says that all is as before."""


@dataclass(frozen=True)
class Traffic:
    """The balancer of an environment with its options, as a step uses it."""

    shares: Callable[[Lines], Mapping[str, int]]
    shift: Callable[[Lines, Mapping[str, int]], None]
    moves_all_or_none: bool = False


@dataclass(frozen=True)
class Agent:
    """What is layered onto an image so that a logging agent runs beside its service.

    `image` brings `paths` of it, and is empty where the service's image has them. `files` are
    those of ours by name, `start` begins the command that runs both, and `config_path` is where
    the agent looks for its configuration.
    """

    image: str
    paths: tuple[str, ...]
    files: Mapping[str, bytes]
    start: tuple[str, ...]
    config_path: str


@dataclass(frozen=True)
class Recipe:
    """An image to build: its name with the tag, labels and build arguments.

    `replace` allows an image of another commit to lose its tag on this machine, as that of a
    candidate may; in a registry no tag ever changes its commit. `tags` are further ones of the
    same image. `secrets` are environment variables by the id that instructions mount them by.
    `cache` is an image whose layers may be taken, and `made` the time that everything in the
    image is dated by, so that the same commit gives the same layers.
    """

    root: Path
    file: str
    reference: str
    labels: Mapping[str, str]
    arguments: Mapping[str, str]
    push: bool = False
    replace: bool = False
    tags: tuple[str, ...] = ()
    stage: str = ""
    platforms: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    cache: str = ""
    network: str = ""
    made: datetime | None = None
    login: Login | None = None
    agent: Agent | None = None


@dataclass(frozen=True)
class Image:
    """An image that was built, or `reused` because it was built for this commit before.

    `digest` is ``sha256:`` and 64 hexadecimal digits: that of the manifest in the registry
    when it is there, otherwise the image's id. In a rehearsal it is empty.
    """

    reference: str
    digest: str
    reused: bool = False


class Builder(Protocol):
    """A tool that builds images: ``builders/docker.py``."""

    def missing(self, outside: Outside) -> str:
        """Return why it cannot be used here, or nothing when it can."""

    def build(self, recipe: Recipe, outside: Outside, progress: Progress) -> Image:
        """Build, tag and, when asked, push; RefusedError when a tag is taken by other content.

        What was built for this commit before is not built again.
        """


@dataclass(frozen=True)
class Question:
    """Which version of *provider* runs? `live` is what the dictionary says about it."""

    provider: str
    environment: str
    live: tuple[Deployment, ...] = ()
    timeout_seconds: float = 5.0

    def filled(self, text: str, written: Callable[[str], str] = str) -> str:
        """Return *text* with {provider} and {environment} filled in, as they are *written*."""
        for name, value in (("provider", self.provider), ("environment", self.environment)):
            text = text.replace(f"{{{name}}}", written(value))
        return text


@dataclass(frozen=True)
class Found:
    """One answer: a version and where it was seen, or why there is none.

    `released` answers name what exists; the others name what runs. `recorded` ones are the
    dictionary's word, which what really answers at the same `address` overrules. `ending` is
    what it says about its own end. `disagrees` is set where callers may meet another version
    instead: `ci_steps.deploying.replicas` says of whom.
    """

    where: str
    version: Version | None = None
    problem: str = ""
    released: bool = False
    recorded: bool = False
    address: str = ""
    ending: Ending | None = None
    disagrees: str = ""


class Probe(Protocol):
    """A way to read a version: ``probes/http.py``, ``probes/git.py``, ``probes/dictionary.py``."""

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the probe's name."""

    def ask(self, question: Question, options: Any, outside: Outside) -> tuple[Found, ...]:
        """Return every version that answers; a problem is an answer too, nothing is raised."""


class UsageSource(Protocol):
    """A way to see who calls a line: ``usages/prometheus.py``, ``usages/access_log.py``."""

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the source's name."""

    def observe(self, question: UsageQuestion, options: Any, outside: Outside) -> Usage:
        """Return what was seen; a problem is an answer too, nothing is raised."""


@dataclass(frozen=True)
class Leaving:
    """A line on its way out, and what its callers are to meet from now on.

    `step` is a step of ``ci-steps retire``, and nothing where all are undone. `slots` are the
    instance places of the line. `links` are pages by their relation, `headers` say the end.
    """

    line: Line
    step: str
    slots: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return what callers are told in words."""
        how = "is gone" if self.step in {"gone", "removed"} else "is switched off"
        return f"line {self.line.line} of {self.line.service} {how}"


class Front(Protocol):
    """What stands between a line and its callers: ``fronts/process.py``, ``fronts/nginx.py``.

    A front that counts callers has ``callers(leaving, options, outside) -> tuple[Caller, ...]``
    as well: whoever was refused since the line was drained.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the front's name."""

    def meet(self, leaving: Leaving, options: Any, outside: Outside, progress: Progress) -> str:
        """Let callers meet *leaving*, whatever they met before, and say what was done.

        The same again changes nothing. Raise what is wrong outside; then nothing is recorded.
        """


class Outcome(Enum):
    """What became of one try to send."""

    SENT = "sent"
    NOT_TAKEN = "not taken"  # surely not carried out: trying again is safe
    UNKNOWN = "unknown"  # the answer was lost: it may have been carried out
    CONFIGURATION = "configuration"  # wrong token, certificate, password
    RECIPIENT = "recipient"  # this address cannot be reached
    PAYLOAD = "payload"  # this message is not accepted


@dataclass(frozen=True)
class Delivery:
    """The outcome of one try, with the receiver's own words and a receipt when it has one.

    `permalink` is where people see the message, and `editable` whether it can be changed.
    """

    outcome: Outcome
    text: str = ""
    receipt: str = ""
    retry_after_seconds: int = 0
    permalink: str = ""
    editable: bool = False


@dataclass(frozen=True)
class Broken:
    """A change that breaks what one dependent does; `used_at` is where it says that it does."""

    change: Change
    used_at: str = ""


@dataclass(frozen=True)
class Touched:
    """What a release is to one dependent whose use of the provider is known."""

    breaks: tuple[Broken, ...] = ()
    untouched: int = 0


@dataclass(frozen=True)
class Deprecation:
    """That a line will end, as it is decided now; without `retire_on` no day was named.

    `seen_calling` are services that were seen calling it and do not declare that they need it.
    """

    line: str
    retire_on: date | None = None
    reason: str = ""
    amended: str = ""
    successors: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    seen_calling: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """What one contact is told about one event: facts, not yet words.

    `key` is the same for every try of the same message. `stage` is why it is told now
    (``announced``, ``t-7``, ``overdue+7``), `role` as what the contact is told: ``owner``,
    ``lead`` or ``provider``. `reply_to` are e-mail addresses of the provider's owners. `due` is
    a day, `on` is today where the contact is; `at` is when the version reached the environment.

    `obligations` are what it is about, `moved` those that are fulfilled already, `gone` the names
    of those of them that run no more, and `announced` the names the announcement had.
    `changes` are what callers notice, the worst first, and None where nothing was compared;
    `touched` has, by dependent, which of them matter to it, and nothing where that is not known.

    `ended` is why the whole event is over, ``withdrawn`` or ``superseded``, and nothing before.

    `next_on` is the day of the next reminder, and `next_to` who is told as well when it is overdue.

    A digest has a message in `parts` for each event. `meant_for` is set where another address
    was meant. One about the end of a line has a `deprecation`.

    `root_key` is the key of the announcement that this message follows, and `root` the receipt
    of that: in its thread it belongs, or at the stage ``state`` in its place.

    `overridden` has a line for each gate that was passed on purpose. A release that
    `is_irreversible` changes its database for good, and is not rolled back.
    """

    key: str
    stage: str
    provider: str
    provider_owner: Owner | None
    version: str
    to: str
    environment: str
    at: datetime
    due: date
    contact_owner: Owner
    obligations: tuple[Obligation, ...]
    url: str = ""
    reply_to: tuple[str, ...] = ()
    changes: tuple[Change, ...] | None = None
    touched: Mapping[str, Touched] = field(default_factory=dict)
    on: date | None = None
    role: str = "owner"
    after_due: str = ""
    links: tuple[tuple[str, str], ...] = ()
    before: str = ""
    next_on: date | None = None
    next_to: str = ""
    moved: tuple[Obligation, ...] = ()
    gone: frozenset[str] = frozenset()
    announced: tuple[str, ...] = ()
    replaces: str = ""
    ended: str = ""
    tests: tuple[str, ...] = ()
    text: str = ""
    parts: tuple[Message, ...] = ()
    meant_for: str = ""
    ack_url: str = ""
    overridden: tuple[str, ...] = ()
    is_irreversible: bool = False
    root_key: str = ""
    root: str = ""
    deprecation: Deprecation | None = None


class Channel(Protocol):
    """How a contact is reached: ``channels/file.py``, ``slack.py``, ``email.py``.

    A channel may have more (`ci_steps.notices.abilities` asks for it):
    ``find(payload, address, since, options, outside)`` looks whether a message whose answer was
    lost is there; ``marked(payload)`` is a message that says it may come twice;
    ``plain(message, address, options)`` a short one for a receiver that did not accept it;
    ``workspace(options)`` what a pause that is asked for concerns; ``secrets(options)`` the
    variables without which nothing can be sent; ``trouble(options, outside)`` why the receiver
    would take nothing of ours, asked without sending anything; ``find_seen(receipt, options,
    outside)`` looks whether somebody has looked at a message; ``ADDRESS_IS_SECRET`` is true where
    contacts are names of variables with addresses.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the channel's name."""

    def payload(self, message: Message, address: str, options: Any) -> bytes:
        """Return the very bytes that are sent; made once and kept, also for later tries."""

    def send(self, payload: bytes, address: str, options: Any, outside: Outside) -> Delivery:
        """Try once; every outcome is an answer, nothing is raised."""


@dataclass(frozen=True)
class Facts:
    """What a CI host knows about the job; a disposable machine is gone when it ends."""

    commit: str = ""
    branch: str = ""
    url: str = ""
    actor: str = ""
    is_disposable: bool = False


class ContractFormat(Protocol):
    """A format of contracts; the module has ``Options``, too."""

    def recognises(self, name: str, content: bytes) -> bool:
        """Return whether a file of that name, which begins with *content*, is of this format."""

    def compare(
        self, old: Contract, new: Contract, options: Any, outside: Outside
    ) -> tuple[Change, ...]:
        """Return what callers of *old* notice when they meet *new*, the worst first.

        ContractError if either cannot be read or compared: that is never "no change".

        A format may also have ``narrower(old, options, outside)``, which returns what says which
        changes of *old* touch whom: see `ci_steps.uses.narrowed`.
        """


class OwnContract(Protocol):
    """The description of the service's API, as it is in its folder; read once a job."""

    @property
    def digest(self) -> str:
        """What tells it from others, nothing without a contract."""

    def compared(self, before: Release) -> Compared:
        """Return what callers of the release *before* notice; the answer is kept."""


@dataclass(frozen=True)
class Deployed:
    """A deployment as a CI host shows it: of what, where, how it ended, and in which words.

    `release` is the service at its version, as people write it.
    """

    release: str
    environment: str
    address: str
    text: str
    ended: bool


class OwnUses(Protocol):
    """What the service says it uses of those it depends on; read once a job."""

    @property
    def digests(self) -> Mapping[str, str]:
        """What tells its uses from others, by provider; ConfigError if they cannot be read."""


class Host(Protocol):
    """The CI system around the job: ``hosts/github_actions.py``."""

    def is_here(self, environ: Mapping[str, str]) -> bool:
        """Return whether the process runs in it."""

    def facts(self, environ: Mapping[str, str]) -> Facts:
        """Return what it says about the job."""

    def mask(self, secret: str) -> str:
        """Return the lines that keep *secret* out of the host's log, or nothing."""

    def quoted(self, text: str) -> str:
        """Return *text* so that the host takes no line of it for a command."""

    def group(self, title: str) -> tuple[str, str]:
        """Return the lines that open and close a foldable part of the log.

        Between them the host takes nothing for a command.
        """

    def annotation(self, level: str, text: str, file: str = "", line: int = 0) -> str:
        """Return the line that marks a place; *level* is ``error`` or ``warning``."""

    def keep_marks(self, marks: Sequence[Mark], outside: Outside) -> None:
        """Keep the same places in a file, where the host reads them from one."""

    def hand_over(self, outputs: Mapping[str, str], summary: str, outside: Outside) -> None:
        """Give outputs to later steps and a Markdown *summary* to people."""

    def comment(self, topic: str, text: str, outside: Outside) -> str:
        """Keep one comment of *topic* where the change is discussed, and say where.

        Return nothing where there is no such place; OutsideError where the host refuses.
        """

    def deployed(self, where: Deployed, outside: Outside) -> None:
        """Tell the host's page of environments; OutsideError where it refuses."""


@dataclass(frozen=True)
class Announced:
    """What a deployment obliges others to do, and who cannot be told of it, a line each.

    `to` is what they must move to (``auth-2``). `told` are owners with the contact where
    they are told. When it was announced before, `is_new` is false.
    """

    to: str
    due: date | None = None
    obligations: tuple[Obligation, ...] = ()
    unreachable: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    is_new: bool = True


@dataclass(frozen=True)
class Overridden:
    """A gate that was passed on purpose; `affected` are the services that it would protect."""

    evidence: Evidence
    affected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """What became of the notices that were waiting; warnings are about the sending as such."""

    delivered: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()
    previews: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One run, as a step sees it. Effects go through it; a step imports no plug.

    `find` answers which versions of a provider are there, asked once per job. `deploy`,
    `record` and `send` are bound to the plugs that the configuration names; `builders` are
    all there are, in the order in which ``auto`` tries them.
    `traffic` is there where the environment has a balancer. `move_line` lets the tag of a line
    in the registry mean a build, and says what is wrong with that, or nothing.
    `keep_overridden` keeps and tells which gates were passed where nothing is recorded with them.
    `narrow` learns which changes of contracts touch whom. `overrides` maps gates to the
    reason somebody gave for passing them. `options_digest` tells
    what the step was told from anything else it could have been told. `meanwhile` is what may
    be done while a long command of the step runs: the dictionary is opened.
    """

    service: str
    owner: str
    version: Version
    commit: str
    root: Path
    requirements: tuple[Requirement, ...]
    outside: Outside
    dictionary: Dictionary
    progress: Progress
    find: Callable[[str, str], Sequence[Found]]
    environments: tuple[Environment, ...] = ()
    environment: Environment | None = None
    after: tuple[str, ...] = ()
    approval: str = "never"
    contract: OwnContract | None = None
    uses: OwnUses | None = None
    database: DatabaseChange | None = None
    narrow: Callable[[], None] = lambda: None
    by: str = ""
    url: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    options_digest: str = ""
    builders: Mapping[str, Builder] = field(default_factory=dict)
    deploy: Callable[[Build, Place], Placement] | None = None
    record: Callable[[Deployment, Sequence[Overridden]], Announced] | None = None
    keep_overridden: Callable[[Sequence[Overridden]], None] = lambda overridden: None
    traffic: Traffic | None = None
    move_line: Callable[[Build], str] = lambda build: ""
    send: Callable[[float], Sent] | None = None
    observe: Callable[[UsageQuestion], Usage] = lambda question: Usage()
    retirement: Rules = field(default_factory=Rules)
    tests_failed: Callable[[str], None] = lambda text: None
    tests_passed: Callable[[], None] = lambda: None
    ask: Callable[[str], str] = lambda question: ""
    meanwhile: Callable[[], object] = lambda: None

    @property
    def environment_name(self) -> str:
        """Return the environment of this step, or nothing."""
        return self.environment.name if self.environment else ""

    @property
    def used(self) -> Mapping[str, str]:
        """Return the digests of what the service uses, by provider."""
        return self.uses.digests if self.uses else {}

    def evidence(self, kind: str, passed: bool, **more: str) -> Evidence:  # noqa: FBT001
        """Return evidence for exactly this service, version and commit, as of now."""
        return Evidence(
            kind,
            passed,
            self.service,
            str(self.version),
            self.commit,
            self.outside.now(),
            **{"by": self.by, "url": self.url, "options": self.options_digest, **more},
        )


class Step(Protocol):
    """One step of a pipeline: ``steps/unit_test.py``.

    A step whose proof can stand has ``standing(job) -> Evidence | None`` as well: what proves
    that this very build need not be tested again. Any other step asks the world each time.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the step's name."""

    def run(self, job: Job, options: Any) -> StepResult:
        """Do it and report; raise only what is wrong outside."""
