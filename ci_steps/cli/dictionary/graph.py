"""`ci-steps dictionary graph`: who needs whom, as a picture or for another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell

if TYPE_CHECKING:
    from ci_steps.dictionary.graphs.graph import Graph

_MOST = 150


@click.command()
@click.option("--environment", default="", help="Only what is live there.")
@click.option("--around", default="", metavar="SERVICE", help="Only what is near this service.")
@click.option(
    "--steps", default=1, show_default=True, type=click.IntRange(min=0), help="How near that is."
)
@click.option(
    "--most",
    default=_MOST,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many services are shown; those with the most edges come first.",
)
@click.option(
    "--format",
    "form",
    default="mermaid",
    show_default=True,
    type=click.Choice(["dot", "mermaid", "json", "svg"]),
    help="The form of the answer.",
)
@shell.dictionary_option
@shell.json_option
def graph(
    environment: str,
    around: str,
    steps: int,
    most: int,
    form: str,
    dictionary: str,
    *,
    as_json: bool,
) -> None:
    """Draw who needs whom, line by line, with what is broken and what nobody owns.

    Example: ci-steps dictionary graph --environment production --format svg > graph.svg
    """
    from ci_steps.dictionary.graphs.graph import graph as graph_of

    as_json = as_json or form == "json"
    console = shell.console_of(as_json)
    with shell.dictionary_of(dictionary) as opened:
        if environment:
            opened.known_environment(environment)
        if around:
            opened.known_service(around)
        with opened.reading() as connection:
            found = graph_of(connection, environment, around=around, steps=steps, most=most)
    if as_json:
        console.answer(_document(found))
        return
    console.result(_drawn(found, form, environment).rstrip("\n"))
    if found.left_out:
        console.warning(f"{found.left_out:,} more services are not shown: say --around or --most")


def _document(found: Graph) -> dict[str, Any]:
    from ci_steps.dictionary.graphs.text import as_values

    return {"schema": "ci-steps/dictionary-graph/1", **as_values(found)}


def _drawn(found: Graph, form: str, environment: str) -> str:
    from ci_steps.dictionary.graphs.svg import as_svg
    from ci_steps.dictionary.graphs.text import as_dot, as_mermaid

    if form == "svg":
        where = f" in {environment}" if environment else ""
        return as_svg(found, f"Who needs whom{where}")
    return as_dot(found) if form == "dot" else as_mermaid(found)
