"""AsyncAPI: whose direction it is, what a trait adds, and what cannot be compared.

Its rules, each with its mirror, are in corpus/asyncapi-2.yaml and corpus/asyncapi-3.yaml.
"""

from __future__ import annotations

import pytest

from ci_steps.contracts import asyncapi
from ci_steps.errors import ContractError
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from tests.parts.contract_pairs import compared, contract

VERSION_2 = """\
asyncapi: 2.6.0
channels:
  orders/{shop}:
    publish:
      message:
        name: placed
        payload:
          type: object
          properties: {id: {type: %s}}
"""
VERSION_3 = """\
asyncapi: 3.0.0
channels:
  orders:
    address: orders/{branch}
    messages:
      placed:
        payload:
          type: object
          properties: {id: {type: %s}}
operations:
  take: {action: receive, channel: {$ref: '#/channels/orders'}}
"""
AVRO = """\
asyncapi: 2.6.0
channels:
  orders:
    subscribe:
      message:
        schemaFormat: %s
        payload: {type: record, name: Order, fields: [{name: id, type: %s}]}
"""
_AVRO_FORMAT = "application/vnd.apache.avro;version=1.9.0"


def compared_files(old: str, new: str) -> list[str]:
    return compared(asyncapi, {"api.yaml": old}, {"api.yaml": new})


def refused(text: str, **more: str) -> str:
    """Return what is said of a contract that cannot be read."""
    with pytest.raises(ContractError) as error:
        compared(asyncapi, {"api.yaml": text, **more}, {"api.yaml": VERSION_2 % "string"})
    return str(error.value)


def test_a_step_from_2_to_3_that_says_the_same_says_nothing() -> None:
    assert compared_files(VERSION_2 % "string", VERSION_3 % "string") == []


def test_a_step_from_2_to_3_is_compared_like_any_other() -> None:
    (told,) = compared_files(VERSION_2 % "string", VERSION_3 % "integer")
    assert told.startswith("breaking request-property-type-changed ")
    assert told.endswith(" api.yaml:9 api.yaml:9")


def test_what_callers_publish_is_what_the_service_receives() -> None:
    optional = VERSION_2 % "string"
    required = optional + "          required: [id]\n"
    told = compared_files(optional, required)
    assert [one.split()[:2] for one in told] == [["breaking", "request-property-became-required"]]


def test_what_callers_subscribe_to_is_what_the_service_sends() -> None:
    optional = (VERSION_2 % "string").replace("publish", "subscribe")
    required = optional + "          required: [id]\n"
    told = compared_files(required, optional)
    assert [one.split()[:2] for one in told] == [["breaking", "response-property-became-optional"]]


def test_another_schema_of_avro_cannot_be_compared() -> None:
    old, new = AVRO % (_AVRO_FORMAT, "string"), AVRO % (_AVRO_FORMAT, "int")
    assert compared_files(old, old) == []
    with pytest.raises(ContractError, match=r"api\.yaml:7: .*avro.* is not looked into"):
        compared_files(old, new)


def test_avro_instead_of_json_breaks_every_reader() -> None:
    json = AVRO % ("application/schema+json", "string")
    told = compared_files(json, AVRO % (_AVRO_FORMAT, "string"))
    assert told == [
        "breaking asyncapi-schema-format-changed send orders api.yaml:6 api.yaml:6",
    ]


@pytest.mark.parametrize("version", ["1.2.0", "4.0.0", "'two'", "{}"])
def test_an_unknown_version_is_refused_at_its_line(version: str) -> None:
    said = refused(f"info: {{}}\nasyncapi: {version}\n")
    assert said.startswith("api: api.yaml:2: asyncapi ")
    assert said.endswith("is not known: AsyncAPI 2 and 3 are read")


def test_every_reference_that_leads_nowhere_is_told_at_once() -> None:
    text = VERSION_2 % "string"
    broken = text.replace("name: placed", "traits: [{$ref: '#/no'}, {$ref: other.yaml}]")
    said = refused(broken)
    assert "'#/no' leads to nothing" in said
    assert "there is no file other.yaml" in said


def test_a_folder_with_two_descriptions_is_refused() -> None:
    said = refused(VERSION_2 % "string", **{"more.yaml": VERSION_3 % "string"})
    assert said == "api: one document of AsyncAPI is expected, found api.yaml, more.yaml"


@pytest.mark.parametrize(
    ("name", "text", "format_"),
    [
        ("api.yaml", "# ours\nasyncapi: 3.0.0\n", "asyncapi"),
        ("api.json", '{\n "asyncapi": "2.6.0"\n}', "asyncapi"),
        ("api.json", '{"asyncapi": "2.6.0"}', "asyncapi"),
        ("api.yaml", "info: {title: asyncapi}\n", ""),
    ],
)
def test_it_is_recognised_by_its_key(name: str, text: str, format_: str) -> None:
    assert Formats(Outside()).of(contract("api", {name: text}, name)) == format_


SHAPES_2 = [
    ("channels: []", "channels is a list, not a mapping"),
    ("channels: {a: 1}", "channels.a is 1, not a mapping"),
    ("channels: {a: {publish: x}}", 'a.publish is "x", not a mapping'),
    ("channels: {a: {publish: {message: []}}}", "publish.message is a list, not a mapping"),
    (
        "channels: {a: {publish: {message: {payload: {type: 5}}}}}",
        "payload.type is 5, not a type or a list of types",
    ),
    (
        "channels: {a: {publish: {message: {headers: {properties: []}}}}}",
        "headers.properties is a list, not a mapping",
    ),
    (
        "channels: {a: {publish: {message: {correlationId: {}}}}}",
        "message.correlationId has no 'location'",
    ),
    ("channels: {}\nservers: {a: {url: x}}", "servers.a has no 'protocol'"),
    ("info: {}", "the document has no 'channels'"),
]
SHAPES_3 = [
    ("channels: {a: {address: 1}}", "a.address is 1, not a text or null"),
    ("operations: []", "operations is a list, not a mapping"),
    ("operations: {a: {action: send}}", "operations.a has no 'channel'"),
    ("operations: {a: {action: send, channel: '#/b'}}", 'a.channel is "#/b", not a mapping'),
    ("servers: {a: {host: x, protocol: [y]}}", "a.protocol is a list, not a text"),
]


@pytest.mark.parametrize(
    ("version", "text", "reason"),
    [("2.6.0", *case) for case in SHAPES_2] + [("3.0.0", *case) for case in SHAPES_3],
)
def test_a_part_of_another_shape_is_refused_and_not_read_as_empty(
    version: str, text: str, reason: str
) -> None:
    line = 1 if reason.startswith("the document") else 2 + text.count("\n")
    assert refused(f"asyncapi: {version}\n{text}\n") == f"api: api.yaml:{line}: {reason}"


def test_a_payload_in_another_language_may_be_of_any_shape() -> None:
    avro = AVRO % (_AVRO_FORMAT, "string")
    assert compared_files(avro, avro) == []
    json = AVRO % ("application/schema+json", "string")
    assert refused(json.replace("name: Order", "required: true")) == (
        "api: api.yaml:7: payload.required is true, not a list of texts"
    )
