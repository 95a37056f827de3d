"""`dictionary import` and `export-catalog`, and who cannot be reached in every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.parts.shop import Shop, shop_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = {"service": "gis", "owner": None, "why": "nobody owns it"}

ANSWERS = [
    ("show",),
    ("show", "gis"),
    ("live",),
    ("live", "production"),
    ("dependents", "auth"),
    ("record", "gis", "201610", "production", "--depends-on", "auth-1.1"),
    ("load", "world.yaml"),
    ("import", "owners.yaml"),
    ("export-catalog",),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop_in(tmp_path_factory.mktemp("catalog"), in_this_process=True) as opened:
        write(opened.folder, "owners.yaml", "teams: {auth-team: {slack: '#auth-team'}}")
        write(opened.folder, "world.yaml", "services: {auth: {owner: auth-team}, gis: {}}")
        for command in (ANSWERS[-2], ANSWERS[-3], ANSWERS[-4]):
            opened.answer("", "dictionary", *command)
        yield opened


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")


@pytest.mark.parametrize("command", ANSWERS, ids=" ".join)
def test_a_service_without_a_reachable_owner_is_in_every_answer(
    shop: Shop, command: tuple[str, ...]
) -> None:
    assert shop.answer("", "dictionary", *command)["unreachable"] == [NOBODY]


def test_it_is_in_none_about_others(shop: Shop) -> None:
    assert shop.answer("", "dictionary", "show", "auth")["unreachable"] == []


def test_people_read_it_below_the_table(shop: Shop) -> None:
    done = shop.ci_steps("", "dictionary", "live")
    assert done.stdout.index("Unreachable") > done.stdout.index("201610")
    assert "nobody owns it" in done.stdout


def test_an_exported_file_says_it_beside_and_stays_a_file(shop: Shop) -> None:
    done = shop.ci_steps("", "dictionary", "export-catalog")
    assert done.stdout.startswith("---\napiVersion:")
    assert "gis: nobody owns it" in done.stderr
    assert "nobody owns it" not in done.stdout


def test_every_problem_of_every_file_is_said_at_once_and_nothing_recorded(shop: Shop) -> None:
    write(shop.folder, "one.yaml", "teams:\n  a-team: {email: nowhere}\n  a-team: {}\n")
    write(shop.folder, "two.yaml", "teams: {b-team: !!python/name:os.system x}\n")
    done = shop.ci_steps("", "dictionary", "import", "one.yaml", "two.yaml", "three.yaml")
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    found = sorted(line.split(":")[1].strip() for line in told)
    assert found == ["one.yaml", "three.yaml", "two.yaml"]
    assert "a-team" not in shop.ci_steps("", "dictionary", "export-catalog").stdout


def test_a_codeowners_file_needs_the_service(shop: Shop) -> None:
    write(shop.folder, "CODEOWNERS", "* @shop/gis-team\n")
    done = shop.ci_steps("", "dictionary", "import", "CODEOWNERS")
    assert (done.returncode, "--service is missing" in done.stderr) == (2, True)


def test_the_service_of_a_codeowners_file_is_known_or_said_to_be_new(shop: Shop) -> None:
    write(shop.folder, "CODEOWNERS", "* @shop/gis-team\n")
    asked = ("dictionary", "import", "CODEOWNERS", "--dry-run", "--service")
    done = shop.ci_steps("", *asked, "gsi")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: unknown service 'gsi', did you mean gis?\n"
        " hint: If it is a new service, say --new.\n"
    )
    assert shop.answer("", *asked, "gsi", "--new")["imported"][1]["added"] == 1
    assert shop.answer("", *asked, "gis", "--new")["imported"][1]["added"] == 0


def test_the_first_service_of_all_is_new(shop: Shop) -> None:
    write(shop.folder, "CODEOWNERS", "* @shop/gis-team\n")
    asked = ("dictionary", "import", "CODEOWNERS", "--service", "gis", "--dictionary", "first.db")
    assert shop.answer("", *asked)["imported"][1]["added"] == 1


def test_an_export_makes_the_folders_on_its_way(shop: Shop) -> None:
    done = shop.ci_steps("", "dictionary", "export", "backups/today/dictionary.jsonl")
    assert done.stderr.endswith("exported into backups/today/dictionary.jsonl\n")
    assert (shop.folder / "backups" / "today" / "dictionary.jsonl").is_file()


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    write(shop.folder, "CODEOWNERS", "* @shop/gis-team\n")
    import_gis = ("dictionary", "import", "CODEOWNERS", "--service", "gis", "--dry-run")
    answer = shop.answer("", *import_gis)
    assert answer["unreachable"] == [
        {"service": "gis", "owner": "gis-team", "why": "gis-team has no contact"}
    ]
    assert shop.answer("", "dictionary", "show", "gis")["unreachable"] == [NOBODY]
