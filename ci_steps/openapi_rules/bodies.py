"""What requests and responses carry, and in which forms."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Header, Media, Operation, Response
from ci_steps.openapi_rules.values import compare_values
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Kind, Spot

_Media = Mapping[str, Media]
_DEFAULT = "default"


def compare_bodies(old: Operation, new: Operation, spot: Spot, walk: Comparison) -> None:
    """Compare what requests carry."""
    before, after = old.body, new.body
    if before is None and after is None:
        return
    if before is None or after is None:
        need = "required" if after is not None and after.is_required else "optional"
        name = "request-body-removed" if after is None else f"request-body-added-{need}"
        places = (
            operation.node.get("requestBody") or body.node if body else None
            for operation, body in ((old, before), (new, after))
        )
        was, now = places
        walk.found.add(name, spot, was, now, said=("", ""))
        return
    spot = spot._replace(old=before.node, new=after.node)
    if before.is_required != after.is_required:
        became = "required" if after.is_required else "optional"
        required = before.node.get("required"), after.node.get("required")
        walk.found.add(f"request-body-became-{became}", spot, *required, said=("", ""))
    for name, media in before.media.items():
        other = after.media.get(name) or _range_of(name, after.media)
        if other is None:
            rule = "request-body-media-type-removed"
            walk.found.add(rule, spot, media.node, None, said=(media.name, ""))
        else:
            _compare_media(media, other, spot, walk)
    for name, media in after.media.items():
        if name not in before.media:
            rule = "request-body-media-type-added"
            walk.found.add(rule, spot, None, media.node, said=("", media.name))


def _range_of(name: str, media: _Media) -> Media | None:
    """Return the range (``application/*``) that a media type is in."""
    return next(
        (one for range_, one in media.items() if "*" in range_ and fnmatchcase(name, range_)), None
    )


def _compare_media(old: Media, new: Media, spot: Spot, walk: Comparison) -> None:
    if old.schema is None and new.schema is None:
        return
    places = (one.schema.written[0] if one.schema else one.node for one in (old, new))
    before, after = places
    here = spot._replace(
        kind=Kind.BODY,
        noun="the body",
        old=before,
        new=after,
        short=f"{spot.called} {new.name}",
    )
    walk.compare(old.schema or _like(new), new.schema or _like(old), here)


def compare_sent(old: _Media, new: _Media, spot: Spot, walk: Comparison) -> None:
    """Compare what the service sends by itself, or gets as an answer to that."""
    for name, media in old.items():
        if name in new:
            _compare_media(media, new[name], spot, walk)


def _like(media: Media) -> Schema:
    """Return a schema of anything, in the dialect of the other side."""
    return media.schema.of() if media.schema else Schema(())


def compare_responses(old: Operation, new: Operation, spot: Spot, walk: Comparison) -> None:
    """Compare what is answered: by status, or by the range that a status is in."""
    before, after = old.responses, new.responses
    pairs = _paired(before, after)
    answered = (operation.node.get("responses") or operation.node for operation in (old, new))
    was, now = answered
    spot = spot._replace(old=was, new=now)
    for status, response in before.items():
        if status not in {one for one, _ in pairs}:
            name = f"response-{_success(status)}-status-removed"
            walk.found.add(name, spot, response.node, None, said=(status, ""))
    for status, response in after.items():
        if status not in {other for _, other in pairs}:
            name = f"response-{_success(status)}-status-added"
            walk.found.add(name, spot, None, response.node, said=("", status))
    for one, other in (*pairs, *_by_default(before, after)):
        _compare_response(before[one], after[other], spot, walk)


def _paired(before: Mapping[str, Response], after: Mapping[str, Response]) -> list[tuple[str, str]]:
    pairs = {(status, status) for status in before if status in after}
    for status in before.keys() - after.keys():
        pairs |= {(status, other) for other in after if _are_one(status, other)}
    for status in after.keys() - before.keys():
        pairs |= {(other, status) for other in before if _are_one(status, other)}
    return sorted(pairs)


def _by_default(
    before: Mapping[str, Response], after: Mapping[str, Response]
) -> list[tuple[str, str]]:
    """Return the statuses that come or go for which the default stood, or stands now.

    A status without a body says nothing of one.
    """
    came, gone = after.keys() - before.keys(), before.keys() - after.keys()
    pairs = [(_DEFAULT, status) for status in came if _stands_for(status, before)]
    pairs += [(status, _DEFAULT) for status in gone if _stands_for(status, after)]
    return sorted((one, other) for one, other in pairs if before[one].media and after[other].media)


def _stands_for(status: str, responses: Mapping[str, Response]) -> bool:
    """Return whether the default is what is answered with *status*: beside a success an error."""
    if status == _DEFAULT or _DEFAULT not in responses:
        return False
    has_success = any(other.startswith("2") for other in responses)
    return not any(_are_one(status, other) for other in responses) and (
        status.startswith(("4", "5")) or not has_success
    )


def _are_one(status: str, other: str) -> bool:
    """Return whether one is a range of the other (``4XX``)."""
    return status[0] == other[0] and (status[1:] == "XX") != (other[1:] == "XX")


def _success(status: str) -> str:
    return "success" if status.startswith("2") else "non-success"


def _compare_response(old: Response, new: Response, spot: Spot, walk: Comparison) -> None:
    called = f"{spot.called} {new.status}"
    spot = spot._replace(called=called, short=called, old=old.node, new=new.node)
    _compare_headers(old, new, spot, walk)
    for name, media in old.media.items():
        other = new.media.get(name)
        if other is None:
            other = _generalized(media, new.media, spot, walk)
        if other is not None:
            _compare_media(media, other, spot, walk)
    for name, media in new.media.items():
        if name not in old.media and not _is_paired(name, old.media):
            rule = "response-media-type-added"
            walk.found.add(rule, spot, None, media.node, said=("", media.name))


def _generalized(media: Media, others: _Media, spot: Spot, walk: Comparison) -> Media | None:
    """Return the range that a media type became, or what a range became."""
    wide = _range_of(media.name.lower(), others)
    if wide is not None:
        rule, said = "response-media-type-name-generalized", (media.name, wide.name)
        walk.found.add(rule, spot, media.node, wide.node, said=said)
        return wide
    narrow = next(
        (one for name, one in others.items() if _range_of(name, {media.name: media})), None
    )
    if narrow is not None:
        rule, said = "response-media-type-name-specialized", (media.name, narrow.name)
        walk.found.add(rule, spot, media.node, narrow.node, said=said)
        return narrow
    walk.found.add("response-media-type-removed", spot, media.node, None, said=(media.name, ""))
    return None


def _is_paired(name: str, others: _Media) -> bool:
    return _range_of(name, others) is not None or any(
        _range_of(other, {name: media}) for other, media in others.items()
    )


def _compare_headers(old: Response, new: Response, spot: Spot, walk: Comparison) -> None:
    for name, header in old.headers.items():
        here = _header_spot(header, spot)
        if name in new.headers:
            compare_values("response-header", header, new.headers[name], here, walk)
        else:
            need = "required" if header.is_required else "optional"
            walk.found.add(f"{need}-response-header-removed", here, _key(old, header), None)
    for name, header in new.headers.items():
        if name not in old.headers:
            walk.found.add(
                "response-header-added", _header_spot(header, spot), None, _key(new, header)
            )


def _key(response: Response, header: Header) -> Node:
    """Return where a response names a header, which may be described elsewhere."""
    return response.node.resolved().at("headers", header.name) or header.node


def _header_spot(header: Header, spot: Spot) -> Spot:
    short = f"{spot.called} header {header.name}"
    noun = f"the header `{header.name}`"
    return spot._replace(kind=Kind.HEADER, noun=noun, short=short, is_text=True)
