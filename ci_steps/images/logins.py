"""Who asks a registry: credentials by the names of variables, or those that engines keep.

The engines read them from a file of docker's form, which is written for the time of one build:
https://docs.docker.com/reference/cli/docker/login/#credential-stores
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.errors import OutsideError, UsageError
from ci_steps.protocols import Login

if TYPE_CHECKING:
    from ci_steps.images.reference import Reference
    from ci_steps.outside import Outside

# The key under which every engine keeps the login of docker's own registry.
_KEYS = {"docker.io": "https://index.docker.io/v1/"}
_CONTEXT = ("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")


def named_login(user_env: str, password_env: str, outside: Outside) -> Login | None:
    """Return the login in two environment variables, or None where none is named.

    A rehearsal goes on without those that it is not given.
    """
    if not user_env and not password_env:
        return None
    if not user_env or not password_env:
        raise UsageError(
            "a login needs both user_env and password_env",
            hint="Each is the name of an environment variable.",
        )
    given = all(outside.environ.get(name) for name in (user_env, password_env))
    if outside.rehearsing and not given:
        return None
    return Login(outside.secret(user_env).strip(), outside.secret(password_env).strip())


def kept_login(reference: Reference, outside: Outside) -> Login | None:
    """Return the login that an engine keeps for a registry in a file, or None."""
    for path in _files(outside.environ):
        logins = _read(path).get("auths")
        entry = logins.get(_key(reference)) if isinstance(logins, dict) else None
        if isinstance(entry, dict) and (login := _decoded(entry.get("auth"))):
            return login
    return None


def basic(login: Login) -> str:
    """Return a login as HTTP's basic scheme and the files of engines have it."""
    return b64encode(f"{login.user}:{login.password}".encode()).decode()


@contextmanager
def signed_in(
    reference: Reference, login: Login | None, outside: Outside
) -> Iterator[Mapping[str, str]]:
    """Give the environment in which every engine is who *login* says, and else as it was."""
    if login is None:
        yield {}
        return
    home = _docker_folder(outside.environ)
    own = _read(home / "config.json")
    with outside.scratch({"config.json": _configuration(own, home, reference, login)}) as folder:
        yield {
            "DOCKER_CONFIG": str(folder),
            "REGISTRY_AUTH_FILE": str(folder / "config.json"),
            "BUILDX_CONFIG": outside.environ.get("BUILDX_CONFIG", str(home / "buildx")),
            **_daemon(own, outside),
        }


def _configuration(own: Mapping[str, Any], home: Path, reference: Reference, login: Login) -> bytes:
    """Return the user's own file with this login; helpers and contexts stay in its folder."""
    known = own.get("auths")
    kept = {key: own[key] for key in ("proxies", "HttpHeaders") if key in own}
    folders = own.get("cliPluginsExtraDirs")
    content = {
        **kept,
        "auths": {**(known if isinstance(known, dict) else {}), **_entry(reference, login)},
        "cliPluginsExtraDirs": [
            *(folders if isinstance(folders, list) else []),
            str(home / "cli-plugins"),
        ],
    }
    return json.dumps(content).encode()


def _entry(reference: Reference, login: Login) -> dict[str, Any]:
    return {_key(reference): {"auth": basic(login)}}


def _daemon(own: Mapping[str, Any], outside: Outside) -> dict[str, str]:
    """Return the address of the daemon where a context says it: its folder is not there."""
    chosen = outside.environ.get("DOCKER_CONTEXT") or own.get("currentContext")
    if not chosen or chosen == "default":
        return {}
    try:
        answer = outside.ask(_CONTEXT)
    except OutsideError:
        return {}
    host = answer.output.strip()
    return {"DOCKER_HOST": host, "DOCKER_CONTEXT": ""} if answer.ok and host else {}


def _key(reference: Reference) -> str:
    host = reference.host or "docker.io"
    return _KEYS.get(host, host)


def _decoded(text: Any) -> Login | None:
    try:
        user, _, password = b64decode(text, validate=True).decode().partition(":")
    except (TypeError, ValueError):
        return None
    return Login(user, password) if user and password else None


def _files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files in which engines keep logins, the one that is named first."""
    named = environ.get("REGISTRY_AUTH_FILE", "")
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    return (
        *((Path(named),) if named else ()),
        _docker_folder(environ) / "config.json",
        *((Path(runtime) / "containers" / "auth.json",) if runtime else ()),
    )


def _docker_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/")) / ".docker")


def _read(path: Path) -> dict[str, Any]:
    """Return what a file of docker's form says; one that cannot be read says nothing."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
