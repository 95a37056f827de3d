"""Compare Avro schemas (``*.avsc``): whether readers can read what writers wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.comparisons.changes import Change, Contract, Level, Location
from ci_steps.comparisons.files import compared, not_installed, worst_first
from ci_steps.options import option

if TYPE_CHECKING:
    from ci_steps.avro_rules.reading import Schemas
    from ci_steps.outside import Outside
    from ci_steps.uses.narrowed import Narrower

_RECORD = re.compile(rb'"type"\s*:\s*"(record|enum|fixed)"')
_CONTENT = re.compile(rb'"(fields|symbols|size|name|namespace)"\s*:')
_BRACE = re.compile(rb"\s*[\[{]")
_ANOTHER = re.compile(rb'"(openapi|swagger|asyncapi|\$schema|protocol)"\s*:')


@attrs.frozen
class Options:
    """What ci-steps.yaml may say about Avro schemas."""

    compatibility: str = option(
        "full",
        "Who must go on reading: `backward` is the new release what was written before,"
        " `forward` is callers what it writes from now on, `full` is both.",
        choices=("backward", "forward", "full"),
    )


def recognises(name: str, content: bytes) -> bool:
    """Return whether it is called ``*.avsc``, or is JSON that declares a named Avro type."""
    return name.lower().endswith(".avsc") or (
        _BRACE.match(content) is not None
        and _ANOTHER.search(content) is None
        and _RECORD.search(content) is not None
        and _CONTENT.search(content) is not None
    )


def compare(old: Contract, new: Contract, options: Options, outside: Outside) -> tuple[Change, ...]:  # noqa: ARG001 (every format is asked alike)
    """Return what readers and writers notice, the worst first."""
    try:
        import avro.schema  # noqa: F401 (asked here, so that the answer is a sentence)
    except ImportError as error:
        raise not_installed("Avro", "avro") from error
    from ci_steps.avro_rules.reading import read

    found: list[Change] = []
    with compared(old, new):
        before, after = read(old), read(new)
        for new_reads, word in ((True, "backward"), (False, "forward")):
            if options.compatibility in {word, "full"}:
                found += _compare(before, after, new_reads=new_reads)
    breaking = {change.subject for change in found if change.level is Level.BREAKING}
    # Compatible for the readers on one side, and told already as what it is for the others.
    return worst_first(one for one in found if one.level or one.subject not in breaking)


def narrower(
    old: Contract,
    options: Options,  # noqa: ARG001 (every format is asked alike)
    outside: Outside,  # noqa: ARG001
) -> Narrower:
    """Return what says which changes of *old*, which is read once, touch whom."""
    from ci_steps.avro_rules.reading import read
    from ci_steps.avro_rules.uses import narrow

    with compared(old, old):
        schemas = read(old)
    return lambda changes, uses: narrow(changes, uses, schemas)


def _compare(old: Schemas, new: Schemas, *, new_reads: bool) -> Iterator[Change]:
    from ci_steps.avro_rules.pair import Pair
    from ci_steps.avro_rules.resolution import Resolution

    reader, writer = (new, old) if new_reads else (old, new)
    resolution = Resolution(reader.places, writer.places)
    for file, before, after in _matched(old, new):
        place = Location(file, 1)
        if before is None or after is None:
            yield _whole(file, place, is_gone=after is None)
            continue
        read, written = (after, before) if new_reads else (before, after)
        path = str(getattr(before, "fullname", file))
        yield from resolution.compare(Pair(path, read, written, place, place, new_reads))


def _matched(old: Schemas, new: Schemas) -> Iterator[tuple[str, Any, Any]]:
    """Yield (file, old schema, new schema) by full name; a single one on both sides is the same."""
    if len(old.by_file) == len(new.by_file) == 1:
        (file, before), *_ = old.by_file.items()
        yield file, before, next(iter(new.by_file.values()))
        return
    olds, news = (
        {str(getattr(one, "fullname", file)): (file, one) for file, one in side.by_file.items()}
        for side in (old, new)
    )
    for key in sorted({*olds, *news}):
        file = (olds.get(key) or news[key])[0]
        yield file, olds.get(key, (file, None))[1], news.get(key, (file, None))[1]


def _whole(file: str, place: Location, *, is_gone: bool) -> Change:
    if is_gone:
        return Change("avro-schema-removed", Level.BREAKING, file, f"{file} was removed", old=place)
    return Change("avro-schema-added", Level.COMPATIBLE, file, f"{file} was added", new=place)
