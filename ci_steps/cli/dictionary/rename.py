"""`ci-steps dictionary rename`: a service has another name from now on."""

from __future__ import annotations

import click

from ci_steps.cli import shell


@click.command()
@click.argument("old")
@click.argument("new")
@shell.dictionary_option
@shell.json_option
def rename(old: str, new: str, dictionary: str, *, as_json: bool) -> None:
    """Say that the service that was called OLD is called NEW.

    What others require of OLD means NEW from now on, whoever still writes the old name. Where
    both are known, OLD must not run any more.

    Example: ci-steps dictionary rename geo gis
    """
    from ci_steps.dictionary.aliases import record_alias
    from ci_steps.versions import check_name

    for name in (old, new):
        check_name(name, long_form=True)
    with shell.dictionary_of(dictionary) as opened:
        is_known = bool(opened.service(old) or opened.dependents(old))
        opened.write(lambda connection: record_alias(connection, old, new))
    console = shell.console_of(as_json)
    if not is_known:
        console.warning(f"so far nobody knows or needs a service {old}: is it misspelt?")
    if as_json:
        console.answer({"schema": "ci-steps/dictionary-renamed/1", "service": new, "before": old})
        return
    console.result(f"{old} is called {new}; requirements on {old} mean it")
