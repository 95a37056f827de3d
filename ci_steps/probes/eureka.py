"""Read the versions that instances are registered with in Eureka; those that are UP.

https://github.com/Netflix/eureka/wiki/Eureka-REST-operations
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from ci_steps.addresses import without_credentials
from ci_steps.errors import CiStepsError, OutsideError
from ci_steps.images.logins import basic, named_login
from ci_steps.options import REQUIRED, option
from ci_steps.probing.registers import Instance, Register, document_in, found_of
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.web import Answer
    from ci_steps.protocols import Question

_UP = "UP"
_NOT_FOUND = 404


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `eureka`."""

    url: str = option(
        REQUIRED,
        "Address of the server up to what stands before `/apps`; {environment} is filled in.",
        example="https://eureka.{environment}.shop.example/eureka",
    )
    application: str = option(
        "{provider}", "Name of the application; {environment} is filled in as well."
    )
    version_key: str = option("version", "Key of the version in the metadata of an instance.")
    lines: bool = option(
        False,
        "Whether callers choose a line; otherwise all instances must be of one version.",
    )
    user_env: str = option("", "Environment variable with a user, where the server wants one.")
    password_env: str = option("", "Environment variable with the password of that user.")


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Return what every instance says that is UP; at build time none is asked."""
    if not question.environment:
        return ()
    # The server keeps all names in capitals, and knows no other spelling.
    application = question.filled(options.application).upper()
    where = f"eureka, {application}"
    try:
        login = named_login(options.user_env, options.password_env, outside)
        secrets = {"Authorization": f"Basic {basic(login)}"} if login else {}
        url = question.filled(options.url, quote)
        register = Register(url, outside, secrets, question.timeout_seconds)
        answer = register.read(f"/apps/{quote(application, safe='')}")
        instances = tuple(_instances(answer, options))
    except CiStepsError as error:
        return (Found(where, problem=without_credentials(str(error))),)
    what = f"the metadata {options.version_key}"
    return found_of(instances, _UP, what, where, by_line=options.lines)


def _instances(answer: Answer, options: Options) -> Iterator[Instance]:
    if answer.status == _NOT_FOUND:
        raise OutsideError("it has no such application, or no such path (HTTP 404)")
    document = document_in(answer, dict)
    try:
        found = document["application"]["instance"]
        # Older servers write a list of one as the one.
        for one in [found] if isinstance(found, dict) else found:
            yield _instance(one, options)
    except (LookupError, TypeError, AttributeError, ValueError):
        raise OutsideError("the answer is JSON of another form") from None


def _instance(one: Mapping[str, Any], options: Options) -> Instance:
    return Instance(
        name=str(one.get("instanceId") or one["hostName"]),
        state=str(one["status"]),
        version=(one.get("metadata") or {}).get(options.version_key),
        address=_address(one),
    )


def _address(one: Mapping[str, Any]) -> str:
    """Return where callers reach an instance: each port says of itself whether it is in use."""
    for scheme, key in (("https", "securePort"), ("http", "port")):
        port = one.get(key) or {}
        if str(port.get("@enabled")).lower() == "true":
            return f"{scheme}://{one['hostName']}:{port['$']}"
    return ""
