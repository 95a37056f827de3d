"""Every kind of secret is planted, every receiver and test repeats them, and none is found again.

What is looked through: all that commands print with ``--debug``, with ``--json`` and without, the
files of a CI host, everything below the service's folder, and every row of the dictionary.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import quote

import pytest
from sqlalchemy import select

from ci_steps.dictionary.tables import metadata
from ci_steps.writing.masking import forms_of
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.http import Exchange, serving
from tests.parts.notices import owns
from tests.parts.postgres import PASSWORD as DATABASE_PASSWORD
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.slack import TOKEN, is_a_page, refuses
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import PASSWORD, USER, authority, mail_server

pytestmark = pytest.mark.slow

SLACK_HOOK, TEAMS_HOOK = "T000/B000/not-a-real-hook", "workflows/not+a/real=signature?sig=a~b"
SECRETS = (TOKEN, PASSWORD, SLACK_HOOK, TEAMS_HOOK, DATABASE_PASSWORD)
CONTACTS = ("slack #{0}", "email {0}@shop.example", "slack-webhook HOOK_A", "webhook HOOK_B")
# The tests of the service print all that they are told, in every form, and write it into a report.
TESTS = f"""\
import json, os, pathlib, sys
from base64 import b64encode
from urllib.parse import quote, unquote
told = [os.environ[name] for name in {["SLACK_TOKEN", "SMTP_PASSWORD", "HOOK_A", "HOOK_B"]!r}]
user = os.environ["CI_STEPS_DICTIONARY"].rpartition("@")[0]
told.append(unquote(user.rpartition(":")[2]))
forms = [(quote(one, safe=''), b64encode(one.encode()).decode(), one) for one in told]
said = " ".join(" ".join(one) for one in forms)
print(said); print(os.environ); print(json.dumps(dict(os.environ)))
fails = pathlib.Path("fails").exists()
text = said.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
failure = f'<failure message="{{text}}">{{text}}</failure>' if fails else ""
test = f'<testcase classname="tests" name="login">{{failure}}</testcase>'
pathlib.Path("report.xml").write_text(f'<testsuite tests="1">{{test}}</testsuite>')
sys.exit(fails)
"""


def repeated(secret: str) -> str:
    """Return a secret in all the ways in which a receiver may repeat it."""
    return " ".join(forms_of(secret))


class Planted:
    """A shop whose jobs know every kind of secret, and all that was written in it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.written: list[str] = []
        self.host = shop.folder / "host"
        self.host.mkdir()
        names = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")
        shop.environ |= {name: str(self.host / name) for name in names}
        shop.environ |= {"GITHUB_ACTIONS": "true", "GITHUB_SHA": "c1"}

    def type(self, *arguments: str, service: str = "auth") -> CompletedProcess[str]:
        done = self.shop.ci_steps(service, *arguments)
        # GitHub is told of secrets so that it hides them, and shows no such line.
        told = [one for one in done.stderr.splitlines() if not one.startswith("::add-mask::")]
        self.written += [done.stdout, *told]
        return done

    def found(self) -> list[str]:
        """Return where a secret is, in whatever form."""
        forms = {form.encode() for one in SECRETS for form in forms_of(one)}
        texts = {"what was printed": "\n".join(self.written).encode(), "a row": self.rows()}
        for path in self.shop.folder.rglob("*"):
            if path.is_file() and not {".git", "authority"} & set(path.parts):
                texts[str(path)] = path.read_bytes()
        del texts[str(self.shop.services["auth"] / "report.xml")]
        return [
            f"{form.decode()} in {name}"
            for name, content in texts.items()
            for form in forms
            if form in content
        ]

    def rows(self) -> bytes:
        """Return all that the dictionary holds."""
        url = self.shop.environ["CI_STEPS_DICTIONARY"]
        with dictionary_at(url) as opened, opened.reading() as connection:
            tables = metadata.sorted_tables
            rows = [row for one in tables for row in connection.execute(select(one))]
        return b"\n".join(
            cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row
        )


@pytest.fixture
def planted(tmp_path: Path, empty_url: str) -> Iterator[Planted]:
    folder = tmp_path / "shop"
    folder.mkdir()
    with shop_in(folder) as shop:
        shop.environ["CI_STEPS_DICTIONARY"] = empty_url
        yield Planted(shop)
    assert await_end(folder) == {}


@contextmanager
def receivers(planted: Planted, folder: Path) -> Iterator[None]:
    """Let every receiver refuse, repeat what it was told, and take the next."""
    trusted = authority(folder / "authority")
    verbs = iter(["RCPT", "DATA"])
    login = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    refusing = {"RCPT": f"550 {repeated(PASSWORD)}", "DATA": f"451 {login} {PASSWORD}"}
    wanted = [next(verbs)]

    def fault(verb: str) -> str | None:
        if not wanted or verb != wanted[0]:
            return None
        wanted[:] = [*verbs][:1]
        return refusing[verb]

    def hook(one: Exchange) -> None:
        said = f"no {one.path} {repeated(one.path[1:])}".encode()
        one.answer(403 if len(hooks.asked) % 2 else 500, {}, said)

    answers = (refuses(f"not {TOKEN}"), refuses(TOKEN, 500), is_a_page(500))
    with (
        slack_server(*answers) as slack,
        mail_server(tls=trusted.context, login=True) as mails,
        serving(hook) as hooks,
    ):
        mails.fault = fault
        by_mail = f"host: 127.0.0.1, port: {mails.port}, sender: ci@shop.example, "
        by_mail += f"user_env: SMTP_USER, ca_file: '{trusted.ca_file}'"
        by_slack = f"url: '{slack.url}', timeout_seconds: 2"
        hook_options = "timeout_seconds: 2"
        _configure(
            planted.shop,
            f"slack: {{{by_slack}}}, email: {{{by_mail}}}, slack-webhook: {{{hook_options}}}, "
            f"webhook: {{{hook_options}}}",
        )
        planted.shop.environ |= {
            "SLACK_TOKEN": TOKEN,
            "SMTP_USER": USER,
            "SMTP_PASSWORD": PASSWORD,
            "HOOK_A": f"{hooks.address}/{SLACK_HOOK}",
            "HOOK_B": f"{hooks.address}/{TEAMS_HOOK}",
        }
        yield


def _configure(shop: Shop, channels: str) -> None:
    shop.service("auth", "2.0.0")
    root = shop.services["auth"]
    (root / "tests.py").write_text(TESTS)
    config = (root / "ci-steps.yaml").read_text()
    command = f'{{command: [{sys.executable}, -c, "pass"]}}'
    tests = f"{{command: [{sys.executable}, tests.py], junit: [report.xml]}}"
    config = config.replace(f"unit-test: {command}", f"unit-test: {tests}")
    (root / "ci-steps.yaml").write_text(f"{config}notify: {{channels: {{{channels}}}}}\n")
    (root / ".gitignore").write_text(".ci-steps/\n__pycache__/\nreport.xml\nfails\n")
    shop.commit("auth")


def test_no_secret_is_in_anything_that_is_written(planted: Planted, tmp_path: Path) -> None:
    with dictionary_at(planted.shop.environ["CI_STEPS_DICTIONARY"]) as dictionary:
        for name in ("auth", "gis"):
            owns(dictionary, f"{name}-team", [name], *(one.format(name) for one in CONTACTS))
        ship(dictionary, "auth 1.1")
        ship(dictionary, "gis 1.0", "auth-1.1")
    with receivers(planted, tmp_path):
        fails = planted.shop.services["auth"] / "fails"
        fails.touch()
        assert planted.type("--debug", "run").returncode == 1
        planted.type("notices", "send", "--debug", "--budget", "5")
        fails.unlink()
        assert planted.type("run", "--debug").returncode == 0
        planted.type("notices", "send", "--debug", "--failed", "--budget", "5")
        planted.type("notices", "tick", "--json", "--debug", "--budget", "5")
        planted.type("run", "--json")
        planted.type("doctor", "--online", "--json", "--debug")
        planted.type("rehearse", "--debug")
        status = planted.type("notices", "status", "--json", "--debug")
    notices = json.loads(status.stdout)["notices"]
    channels = {"slack", "email", "slack-webhook", "webhook"}
    assert {one["channel"].split()[0] for one in notices} == channels
    # They were refused, and what the receivers said of it is kept.
    assert all(said in planted.rows() for said in (b"550 ***", b"451 ***", b"HTTP 403"))
    shown = "\n".join(planted.written)
    assert "debug: Slack chat.postMessage to #auth -> HTTP 200" in shown
    assert "(starttls, as ***)" in shown
    assert "/… -> HTTP 403 no /***" in shown
    assert planted.found() == []


def test_the_password_of_a_dictionary_is_in_no_complaint(tmp_path: Path) -> None:
    with shop_in(tmp_path) as shop:
        secret = quote(DATABASE_PASSWORD, safe="")
        shop.environ["CI_STEPS_DICTIONARY"] = f"postgresql://team:{secret}@127.0.0.1:1/x"
        done = shop.ci_steps("", "notices", "status", "--debug")
    assert done.returncode == 3
    assert "Traceback (most recent call last)" in done.stderr
    assert (
        "error: the dictionary postgresql://team:***@127.0.0.1:1/x does not answer" in done.stderr
    )
    assert not [form for form in forms_of(DATABASE_PASSWORD) if form in done.stderr + done.stdout]
