"""Read the versions that instances are registered with in Consul; those that pass their checks.

https://developer.hashicorp.com/consul/api-docs/health#list-service-instances-for-service
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import attrs

from ci_steps.addresses import without_credentials
from ci_steps.errors import CiStepsError, OutsideError
from ci_steps.options import option
from ci_steps.probing.registers import Instance, Register, document_in, found_of
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.web import Answer
    from ci_steps.protocols import Question

_PASSING = "passing"
# From the best to the worst; an instance is as well as its worst check.
_STATES = (_PASSING, "warning", "critical", "maintenance")
_FILTERED = "x-consul-results-filtered-by-acls"


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `consul`."""

    url: str = option(
        "http://127.0.0.1:8500",
        "Address of an agent or a server; {environment} is filled in.",
        example="https://consul.{environment}.shop.example",
    )
    service: str = option("{provider}", "Name of the service; {environment} is filled in as well.")
    tag: str = option("", "Only instances with this tag; {environment} is filled in.")
    version_meta: str = option("version", "Key of the version in the metadata of an instance.")
    version_tag: str = option(
        "",
        "What stands before the version in a tag, where it is a tag and no metadata.",
        example="version=",
    )
    lines: bool = option(
        False,
        "Whether callers choose a line; otherwise all instances must be of one version.",
    )
    datacenter: str = option("", "The datacenter; that of the agent if empty.")
    namespace: str = option("", "The namespace, where Consul has some.")
    token_env: str = option("", "Environment variable with a token that may read the service.")


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Return what every instance says that passes its checks; at build time none is asked."""
    if not question.environment:
        return ()
    service = question.filled(options.service)
    where = f"consul, {service}"
    try:
        token = outside.secret(options.token_env).strip() if options.token_env else ""
        secrets = {"X-Consul-Token": token} if token else {}
        url = question.filled(options.url, quote)
        register = Register(url, outside, secrets, question.timeout_seconds)
        entries = _entries(register.read(_path(service, question, options)))
        instances = tuple(_instances(entries, options))
    except CiStepsError as error:
        return (Found(where, problem=without_credentials(str(error))),)
    what = f"the tag {options.version_tag}…" if options.version_tag else _metadata(options)
    return found_of(instances, _PASSING, what, where, by_line=options.lines)


def _metadata(options: Options) -> str:
    return f"the metadata {options.version_meta}"


def _path(service: str, question: Question, options: Options) -> str:
    asked = {
        "tag": question.filled(options.tag),
        "dc": options.datacenter,
        "ns": options.namespace,
    }
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"/v1/health/service/{quote(service, safe='')}" + (f"?{query}" if query else "")


def _entries(answer: Answer) -> list[Any]:
    entries: list[Any] = document_in(answer, list)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if headers.get(_FILTERED, "").lower() == "true":
        raise OutsideError("the token may not read all instances, so who is missing is not known")
    return entries


def _instances(entries: list[Any], options: Options) -> Iterator[Instance]:
    try:
        for entry in entries:
            yield _instance(entry, options)
    except (LookupError, TypeError, AttributeError, ValueError):
        raise OutsideError("the answer is JSON of another form") from None


def _instance(entry: Any, options: Options) -> Instance:
    node, service = entry["Node"], entry["Service"]
    host, port = service["Address"] or node["Address"], service["Port"]
    return Instance(
        name=str(service["ID"]),
        state=max((one["Status"] for one in entry["Checks"]), key=_STATES.index, default=_PASSING),
        version=_version(service, options),
        address=f"http://{host}:{port}" if port else str(host),
    )


def _version(service: Mapping[str, Any], options: Options) -> object:
    if not options.version_tag:
        return (service.get("Meta") or {}).get(options.version_meta)
    prefix = options.version_tag
    found = [tag[len(prefix) :] for tag in service["Tags"] or () if tag.startswith(prefix)]
    # Two tags are as good as none: nobody knows which one is meant.
    return found[0] if len(found) == 1 else None
