"""What dependents say they use decides who holds a release back and who is told what."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.uses import NEW, OLD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with shop_in(tmp_path) as opened:
        opened.own()
        yield opened
    assert await_end(tmp_path) == {}


def released(
    shop: Shop, name: str, version: str, *needs: str, contract: str = "", uses: str = ""
) -> None:
    """Release a service with a contract, or with what it uses of others."""
    written(shop, name, version, *needs, contract=contract, uses=uses)
    done = shop.ci_steps(name, "run")
    assert done.returncode == 0, done.stderr


def written(
    shop: Shop, name: str, version: str, *needs: str, contract: str = "", uses: str = ""
) -> None:
    shop.service(name, version, *needs)
    root = shop.services[name]
    with (root / "ci-steps.yaml").open("a", encoding="utf-8") as file:
        if contract:
            (root / "api.graphql").write_text(contract, encoding="utf-8")
            file.write("contract: api.graphql\n")
        file.write(f"uses: {{auth: [{uses}]}}\n" if uses else "")
    shop.commit(name)


def letter(shop: Shop, to: str) -> str:
    """Return the text of the one mail to a team."""
    letters = [
        message_from_bytes(content, policy=policy.default) for content in shop.letters().values()
    ]
    (found,) = [one for one in letters if f"update {to}" in str(one["Subject"])]
    body = found.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_a_date_that_breaks_is_held_back_only_by_those_whom_it_touches(shop: Shop) -> None:
    released(shop, "auth", "v1_20171001-1", contract=OLD)
    released(shop, "gis", "201610", "auth-v1_20171001", uses="Query.name")
    released(shop, "auth", "v1_20171102-1", contract=NEW)
    assert shop.live()["auth"] == ["v1_20171102-1"]
    assert shop.letters() == {}, "it touches nobody"
    dependents = shop.answer("", "dictionary", "dependents", "auth")["dependents"]
    assert {row["uses"] for row in dependents} == {"known"}

    written(shop, "mail", "201610", "auth-v1_20171001", uses="Query.street")
    verdict = shop.ci_steps("mail", "run")
    assert verdict.returncode == 1
    assert "has a contract that breaks that of the required date" in verdict.stderr


def test_a_major_tells_each_dependent_what_breaks_for_it(shop: Shop) -> None:
    released(shop, "auth", "1.1.0", contract=OLD)
    released(shop, "gis", "201610", "auth-1.1", uses="Query.name")
    released(shop, "mail", "201610", "auth-1.1", uses="Query.street")
    written(shop, "auth", "2.0.0", contract=NEW)
    checked = shop.ci_steps("auth", "version-check")
    assert "For whom" in checked.stderr + checked.stdout
    rows = [line.split() for line in (checked.stderr + checked.stdout).splitlines()]
    assert ["gis", "production", "none", "1", "change"] in rows
    assert ["mail", "production", "1", "change", "none"] in rows
    released(shop, "auth", "2.0.0", contract=NEW)
    gis, mail = letter(shop, "gis"), letter(shop, "mail")
    assert "DOES NOT TOUCH YOU" in gis
    assert "Nothing that gis uses of auth breaks. 1 other change does not touch gis." in gis
    assert "Query.street" not in gis
    assert "WHAT BREAKS FOR YOU - mail: Field Query.street was removed" in mail
    told = shop.ci_steps("", "contract", "diff", "auth@1.1.0", "auth@2.0.0", "--for", "gis")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "1 change does not touch gis")
