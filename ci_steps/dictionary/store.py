"""The dictionary: everything ci-steps knows, and the only way to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ci_steps.dictionary import (
    copies,
    deployment_recording,
    migrations,
    owner_recording,
    questions,
    recording,
    release_questions,
    release_recording,
)
from ci_steps.dictionary.stored import is_version
from ci_steps.dictionary.transactions import Transactions
from ci_steps.errors import DictionaryError, UsageError
from ci_steps.outside.databases.errors import place_of
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine
    from typing_extensions import Self

    from ci_steps.model import (
        Dependent,
        Deployment,
        Environment,
        Evidence,
        Owner,
        Release,
        Service,
    )
    from ci_steps.versions import Version

_T = TypeVar("_T")


class Dictionary(Transactions):
    """A database with the tables of this program; what is recorded is recorded whole or not."""

    @classmethod
    def open(cls, engine: Engine) -> Self:
        """Return the dictionary in a database; its tables are made, or brought up to date."""
        dictionary = cls(engine)
        try:
            copies.fill(engine)
            dictionary._bring_up_to_date()
        except BaseException:
            engine.dispose()
            raise
        return dictionary

    @classmethod
    def open_to_read(cls, engine: Engine) -> Self:
        """Return the dictionary in a database through which nothing is written.

        DictionaryError if its tables are those of an older ci-steps: only who writes may
        bring them up to date.
        """
        dictionary = cls(engine)
        try:
            with dictionary.reading() as connection:
                is_current = migrations.is_current(connection)
        except BaseException:
            engine.dispose()
            raise
        if not is_current:
            engine.dispose()
            raise DictionaryError(
                f"the dictionary {place_of(engine)} has the tables of an older ci-steps",
                hint="The next step of any pipeline brings them up to date.",
            )
        return dictionary

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            if migrations.is_current(connection):
                return
        with self.writing() as connection:
            # Somebody else may have been faster.
            if not migrations.is_current(connection):
                migrations.upgrade(connection)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What is recorded.

    def record_owner(self, owner: Owner) -> None:
        """Record who owns; an empty title and no contacts leave those that are known."""
        self.write(lambda connection: owner_recording.record_owner(connection, owner))

    def record_service(self, service: Service) -> None:
        """Record a service; an empty owner or repository leaves the one that is known."""
        self.write(lambda connection: recording.record_service(connection, service))

    def record_environment(self, environment: Environment) -> None:
        """Record an environment, and whether it is production."""
        name, production = environment.name, environment.production
        self.write(lambda to: recording.record_environment(to, name, production=production))

    def record_evidence(self, *evidence: Evidence) -> None:
        """Add evidence, the same only once; services that nobody knows are recorded."""
        self.write(lambda connection: recording.record_evidence(connection, *evidence))

    def record_deployment(
        self,
        release: Release,
        deployment: Deployment,
        *,
        production: bool,
        replaces: Sequence[str] = (),
        evidence: Sequence[Evidence] = (),
        also: Callable[[Connection], _T] | None = None,
    ) -> _T | None:
        """Record that *release* runs, and what *also* writes, in one transaction.

        What ran in its slot, and in the slots it *replaces*, has ended. Production makes the
        release final; until then a later commit takes its place. RefusedError if the version
        was already released with another commit, contract or requirements. Deploying once
        more what is there already records no second deployment. Returns what *also* returns.
        """
        if (release.service, release.version) != (deployment.service, deployment.version):
            raise ValueError(f"{deployment} is not a deployment of {release}")
        final = replace(release, final=release.final or production)

        def record(connection: Connection) -> _T | None:
            released = release_recording.put_release(connection, final, deployment.at)
            deployment_recording.record_deployment(
                connection,
                deployment,
                production=production,
                replaces=replaces,
                released=released,
            )
            recording.record_evidence(
                connection, *evidence, known={release.service: released.service}
            )
            return also(connection) if also else None

        return self.write(record)

    def end_deployment(self, deployment: Deployment, at: datetime) -> None:
        """Record that *deployment* runs no longer and nothing took its place."""
        self.write(lambda to: deployment_recording.end_deployment(to, deployment, at))

    # What is asked.

    def owner(self, name: str) -> Owner | None:
        """Return an owner with its contacts, or None."""
        with self.reading() as connection:
            return next(iter(questions.owners(connection, name) if name else ()), None)

    def owners(self) -> tuple[Owner, ...]:
        """Return all owners, by name."""
        with self.reading() as connection:
            return questions.owners(connection)

    def addresses_on(self, channel: str) -> tuple[str, ...]:
        """Return the addresses of all contacts on a channel."""
        with self.reading() as connection:
            return questions.addresses_on(connection, channel)

    def owner_of(self, service: str) -> Owner | None:
        """Return who owns a service, or None for one that nobody owns or knows."""
        with self.reading():
            known = self.service(service)
            return self.owner(known.owner) if known else None

    def service(self, name: str) -> Service | None:
        """Return a service, or None."""
        with self.reading() as connection:
            return next(iter(questions.services(connection, name) if name else ()), None)

    def services(self) -> tuple[Service, ...]:
        """Return all services, by name."""
        with self.reading() as connection:
            return questions.services(connection)

    def known_service(self, name: str) -> Service:
        """Return a service; UsageError, with the name that was probably meant, if unknown."""
        with self.reading():
            known = self.service(name)
            if known is None:
                raise self._unknown("service", name, [other.name for other in self.services()])
            return known

    def known_owner(self, name: str) -> Owner:
        """Return an owner; UsageError, with the name that was probably meant, if unknown."""
        with self.reading():
            known = self.owner(name)
            if known is None:
                raise self._unknown("owner", name, [other.name for other in self.owners()])
            return known

    def environments(self) -> tuple[Environment, ...]:
        """Return all environments, in the order in which they were first recorded."""
        with self.reading() as connection:
            return questions.environments(connection)

    def known_environment(self, name: str) -> Environment:
        """Return an environment; UsageError, with the probable name, if unknown."""
        known = {environment.name: environment for environment in self.environments()}
        if name not in known:
            raise self._unknown("environment", name, list(known))
        return known[name]

    def release(self, service: str, version: Version) -> Release | None:
        """Return a release, however its version is spelled, or None."""
        with self.reading() as connection:
            return release_questions.find(connection, service, version)

    def releases(self, service: str) -> tuple[Release, ...]:
        """Return the releases of a service, candidates too, newest version first."""
        with self.reading() as connection:
            return release_questions.newest_first(connection, service)

    def predecessor(self, service: str, version: Version) -> Release | None:
        """Return the greatest final release up to and with *version*, or None.

        If the service has none of this scheme, it is the last final one of another scheme.
        """
        with self.reading() as connection:
            return release_questions.predecessor(connection, service, version)

    def live(self, environment: str = "", service: str = "") -> tuple[Deployment, ...]:
        """Return what runs, by service, environment and slot; empty names stand for all."""
        with self.reading() as connection:
            return questions.live(connection, environment, service)

    def history(self, service: str) -> tuple[Deployment, ...]:
        """Return every deployment of a service, newest first, ended or not."""
        with self.reading() as connection:
            return questions.history(connection, service)

    def dependents(
        self, provider: str, line: str = "", environment: str = ""
    ) -> tuple[Dependent, ...]:
        """Return the live services that need *provider*, or one line of it, by name."""
        with self.reading() as connection:
            return questions.dependents(connection, provider, line, environment)

    def dependencies(self, service: str) -> tuple[Dependent, ...]:
        """Return what the live versions of a service need, by environment and provider."""
        with self.reading() as connection:
            return questions.dependencies(connection, service)

    def evidence(
        self, kind: str, service: str, version: Version | str, commit: str, environment: str = ""
    ) -> Evidence | None:
        """Return the latest evidence of a kind for just this build, or None.

        Without an environment it is the evidence that belongs to none, such as unit tests.
        """
        with self.reading() as connection:
            found = questions.evidence_about(connection, service, commit=commit, kind=kind)
        return next(
            (
                one
                for one in found
                if one.environment == environment
                and one.commit == commit
                and is_version(one.version, version)
            ),
            None,
        )

    def evidence_of(self, service: str, version: Version | str = "") -> tuple[Evidence, ...]:
        """Return all evidence about a service, or one version of it, newest first."""
        with self.reading() as connection:
            found = questions.evidence_about(connection, service)
        return tuple(one for one in found if not version or is_version(one.version, version))

    def _unknown(self, what: str, name: str, known: Sequence[str]) -> UsageError:
        text = f"unknown {what} {name!r}{did_you_mean(name, known)}"
        if known:
            return UsageError(text)
        way = f"Record or load one, or name another than {place_of(self.engine)} with --dictionary."
        return UsageError(text, hint=f"The dictionary knows no {what} yet. {way}")
