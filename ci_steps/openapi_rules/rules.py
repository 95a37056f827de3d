"""The table of rules of an API, beside those of its schemas."""

from __future__ import annotations

from ci_steps.comparisons.changes import Level
from ci_steps.schema_rules.rules import RULES as SCHEMA_RULES
from ci_steps.schema_rules.rules import Rule, table

_BREAKING, _WARNING, _COMPATIBLE = Level.BREAKING, Level.WARNING, Level.COMPATIBLE

API_RULES = table(
    Rule(name, levels, text)
    for name, levels, text in (
        (
            "api-path-removed-without-deprecation",
            (_BREAKING,),
            "the operation was removed with its path",
        ),
        ("api-removed-without-deprecation", (_BREAKING,), "the operation was removed"),
        (
            "api-removed-with-deprecation",
            (_BREAKING, _COMPATIBLE),
            "the operation, which was deprecated, was removed",
        ),
        (
            "api-removed-before-sunset",
            (_BREAKING,),
            "the operation was removed before its sunset on {old}",
        ),
        (
            "api-deprecated-sunset-missing",
            (_WARNING,),
            "the operation is deprecated without a sunset",
        ),
        ("endpoint-added", (_COMPATIBLE,), "the operation is new"),
        ("api-added-deprecated", (_WARNING,), "the operation is new, and deprecated already"),
        (
            "request-parameter-added-deprecated",
            (_WARNING,),
            "{it} is new, and deprecated already",
        ),
        ("endpoint-deprecated", (_COMPATIBLE,), "the operation is deprecated"),
        ("endpoint-reactivated", (_COMPATIBLE,), "the operation is no longer deprecated"),
        ("new-required-request-parameter", (_BREAKING,), "{it} is new and required"),
        ("new-optional-request-parameter", (_COMPATIBLE,), "{it} is new"),
        ("request-parameter-removed", (_WARNING,), "{it} was removed"),
        ("request-parameter-became-required", (_BREAKING,), "{it} became required"),
        ("request-parameter-became-optional", (_COMPATIBLE,), "{it} may be left out now"),
        (
            "request-parameter-style-changed",
            (_BREAKING,),
            "{it} is written in another style: {new} instead of {old}",
        ),
        (
            "request-parameter-explode-changed",
            (_BREAKING,),
            "the values of {it} are put together otherwise: {new} instead of {old}",
        ),
        ("request-body-added-required", (_BREAKING,), "a body is required now"),
        ("request-body-added-optional", (_COMPATIBLE,), "a body may be sent now"),
        ("request-body-removed", (_BREAKING,), "a body is no longer taken"),
        ("request-body-became-required", (_BREAKING,), "the body became required"),
        ("request-body-became-optional", (_COMPATIBLE,), "the body may be left out now"),
        ("request-body-media-type-removed", (_BREAKING,), "{old} is no longer taken"),
        ("request-body-media-type-added", (_COMPATIBLE,), "{new} is taken now"),
        ("response-media-type-removed", (_BREAKING,), "{old} is no longer answered"),
        ("response-media-type-added", (_COMPATIBLE,), "{new} may be asked for now"),
        (
            "response-media-type-name-generalized",
            (_BREAKING,),
            "the answer may be any {new}, not only {old}",
        ),
        (
            "response-media-type-name-specialized",
            (_COMPATIBLE,),
            "the answer is {new}, not any {old}",
        ),
        ("response-success-status-removed", (_BREAKING,), "the status {old} was removed"),
        ("response-success-status-added", (_COMPATIBLE,), "the status {new} is new"),
        ("response-non-success-status-removed", (_COMPATIBLE,), "the status {old} was removed"),
        ("response-non-success-status-added", (_COMPATIBLE,), "the status {new} is new"),
        ("required-response-header-removed", (_BREAKING,), "{it} was removed"),
        ("optional-response-header-removed", (_WARNING,), "{it} was removed"),
        ("response-header-added", (_COMPATIBLE,), "{it} is new"),
        ("response-header-became-optional", (_BREAKING,), "{it} may be missing now"),
        ("response-header-became-required", (_COMPATIBLE,), "{it} is always there now"),
        ("api-security-added", (_BREAKING, _COMPATIBLE), "callers may now need {new}"),
        ("api-security-removed", (_BREAKING, _COMPATIBLE), "callers no longer get in with {old}"),
        ("api-security-scope-added", (_BREAKING,), "the scope {new} is required now"),
        ("api-security-scope-removed", (_COMPATIBLE,), "the scope {old} is no longer required"),
        (
            "api-security-component-type-changed",
            (_BREAKING,),
            "the security scheme is of another type: {new} instead of {old}",
        ),
        (
            "api-security-component-changed",
            (_BREAKING,),
            "the security scheme is used otherwise: {new} instead of {old}",
        ),
        (
            "api-security-component-oauth-flow-removed",
            (_BREAKING,),
            "tokens are no longer given by the flow {old}",
        ),
        (
            "api-security-component-oauth-flow-added",
            (_COMPATIBLE,),
            "tokens are given by the flow {new} as well",
        ),
        (
            "api-security-component-oauth-url-changed",
            (_WARNING,),
            "tokens are given at another address: {new} instead of {old}",
        ),
        (
            "api-security-component-oauth-scope-removed",
            (_BREAKING,),
            "the scope {old} is no longer given",
        ),
        (
            "api-security-component-oauth-scope-added",
            (_COMPATIBLE,),
            "the scope {new} is given as well",
        ),
        ("api-server-removed", (_WARNING,), "the server {old} was removed"),
        ("api-server-added", (_COMPATIBLE,), "the server {new} is new"),
    )
)
# What the service sends by itself, to a webhook or a callback, is to callers what it answers.
_CALLED = table(
    Rule(f"{what}-{name}", levels, text.format(what=what))
    for what in ("callback", "webhook")
    for name, levels, text in (
        ("removed", (_BREAKING,), "the {what} was removed"),
        ("added", (_COMPATIBLE,), "the {what} is new"),
        ("parameter-removed", (_BREAKING, _WARNING), "{{it}} is no longer sent"),
        ("parameter-added", (_COMPATIBLE,), "{{it}} is sent as well"),
        ("parameter-became-optional", (_BREAKING,), "{{it}} may be missing now"),
        ("parameter-became-required", (_COMPATIBLE,), "{{it}} is always sent now"),
        ("body-removed", (_BREAKING,), "a body is no longer sent"),
        ("body-added", (_COMPATIBLE,), "a body is sent as well"),
        ("body-became-optional", (_BREAKING,), "the body may be missing now"),
        ("body-became-required", (_COMPATIBLE,), "the body is always sent now"),
        ("media-type-removed", (_BREAKING,), "{{old}} is no longer sent"),
        ("media-type-added", (_WARNING,), "{{new}} may be sent as well"),
        ("status-removed", (_BREAKING, _WARNING), "the answer {{old}} is no longer taken"),
        ("status-added", (_COMPATIBLE,), "the answer {{new}} is taken as well"),
    )
)
RULES = {**SCHEMA_RULES, **API_RULES, **_CALLED}
