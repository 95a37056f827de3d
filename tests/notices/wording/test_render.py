from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest

from ci_steps.comparisons.changes import Change, Level, Location
from ci_steps.model import Owner
from ci_steps.notices.wording.blocks import slack_message
from ci_steps.notices.wording.letter import letter
from ci_steps.notices.wording.mrkdwn import escaped, shortened
from ci_steps.notices.wording.render import words
from tests.parts.notices import message

MANY = tuple(f"service-{number}" for number in range(200))


def body(*services: str, **more: str) -> str:
    return str(slack_message(message(*services, **more), "#gis-team"))


def mail(sender: str = "ci-steps@shop.example", to: str = "gis@shop.example") -> bytes:
    return letter(message(), sender=sender, to=to, reply_to=("auth-owners@shop.example",))


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


LOST = Change(
    "response-property-removed",
    Level.BREAKING,
    "GET /tokens",
    "the response of GET /tokens lost expires",
    Location("openapi.yaml", 41),
)


def test_what_breaks_is_said_with_its_place_where_contracts_were_compared() -> None:
    said = words(replace(message("gis"), changes=(LOST,)))
    assert "  - the response of GET /tokens lost expires (openapi.yaml:41)\n" in said.text
    assert "no contracts" not in said.text
    page = Page(said.html).text
    assert "the response of GET /tokens lost expires (openapi.yaml:41)" in page
    assert "no contracts" not in page


def test_of_many_changes_the_first_are_told_and_the_rest_counted() -> None:
    many = replace(message("gis"), changes=(LOST,) * 12)
    said = words(many)
    assert said.text.count("lost expires") == 10
    assert "… and 2 more" in said.text
    assert said.html.count("lost expires") == 10
    assert "… and 2 more" in said.html


def test_that_nothing_breaks_is_said_and_is_not_the_same_as_not_compared() -> None:
    said = words(replace(message("gis"), changes=()))
    assert "nothing in it breaks" in " ".join(said.text.split())
    assert "nothing in it breaks callers" in Page(said.html).text


def test_slack_shows_changes_inside_its_limits_and_without_mark_up() -> None:
    bad = replace(LOST, text="lost <!channel> & " + "x" * 500)
    blocks = slack_message(replace(message("gis"), changes=(bad,) * 12), "#gis-team")["blocks"]
    (told,) = (one for one in blocks if "What breaks" in str(one))
    text = told["text"]["text"]
    assert "<!channel>" not in text
    assert "`openapi.yaml:41`" in text
    assert text.endswith("\n… and 2 more")
    assert len(text) <= 3_000


def test_a_change_cannot_begin_a_section_or_a_tag() -> None:
    bad = replace(LOST, text="<script>x</script>\nWHEN YOU ARE DONE\n  pay me")
    said = words(replace(message("gis"), changes=(bad,)))
    assert "<script>" not in said.html
    assert said.text.count("\nWHEN YOU ARE DONE") == 1


def test_the_text_says_what_to_do_by_when_first_and_then_all_the_rest() -> None:
    assert (
        words(message("gis", "geo")).text
        == """\
Move gis and geo to auth-2 by Wednesday 23 December 2026.
auth 2.0.0 went to production on 2026-11-23 09:41 UTC, and it may break its
callers.

  MOVE BY  Wednesday 23 December 2026

YOURS TO UPDATE (2)
  - gis needs auth-1.1
  - geo needs auth-1.1

WHAT BREAKS FOR YOU
  It is not known which calls of auth your services use, and no contracts were
  compared for this notice. Read what changed before you plan the move.

HOW TO MOVE
  Shipped by        https://ci.shop.example/job/auth/217?a=1&b=2
  Ask               Auth team, who own auth: auth-owners@shop.example

WHEN YOU ARE DONE
  Nothing to report: declare auth-2 under depends_on in the ci-steps.yaml of
  each service and deploy it to production. This notice then closes by itself.

NEED MORE TIME, OR NOT AFFECTED?
  ci-steps notices ack auth-2/production/gis-team \\
      --until 2027-01-13 --reason "…"
  Or as a trailer of a commit that you deploy: Ci-Steps-Ack:
  auth-2/production/gis-team until 2027-01-13 …

--
You get this because GIS team owns what is listed above.
Reference auth-2/production/gis-team
"""
    )


def test_a_provider_without_owner_and_link_is_said_as_it_is() -> None:
    said = words(replace(message(), provider_owner=None, reply_to=(), url=""))
    assert "Nobody is recorded as the owner of auth." in said.text
    assert "Nobody is recorded as the owner of auth." in said.html
    assert "Shipped by" not in said.text + said.html


@pytest.mark.parametrize(
    ("services", "subject"),
    [
        (("gis",), "[action by 2026-12-23] auth 2.0.0 in production: update gis"),
        (("a", "b", "c"), "[action by 2026-12-23] auth 2.0.0 in production: update a, b and c"),
        (MANY[:4], "[action by 2026-12-23] auth 2.0.0 in production: update 4 services"),
        (
            ("a" * 60, "b"),
            "[action by 2026-12-23] auth 2.0.0 in production: update 2 services",
        ),
    ],
)
def test_a_subject_names_up_to_three_services_that_fit(
    services: tuple[str, ...], subject: str
) -> None:
    assert words(message(*services)).subject == subject


def test_no_line_of_the_text_is_longer_than_78_where_it_can_be_broken() -> None:
    long = message(*MANY, "x" * 63, owner="A team with a very long name " * 9, url="")
    assert max(map(len, words(long).text.splitlines())) <= 78


def test_an_address_is_never_broken() -> None:
    url = "https://ci.shop.example/" + "x" * 200
    assert f" {url}\n" in words(message(url=url)).text


def test_the_page_has_the_content_of_the_text() -> None:
    said = words(message("gis", "geo"))
    page = Page(said.html)
    shown = " ".join(page.text.split())
    for sentence in ("Wednesday 23 December 2026", "no contracts were compared", "auth-1.1"):
        assert sentence in shown
        assert sentence in " ".join(said.text.split())
    assert [at["scope"] for tag, at in page.tags if tag == "th"] == ["col"] * 3 + ["row"] * 2
    assert [at["href"] for tag, at in page.tags if tag == "a"] == [
        "https://ci.shop.example/job/auth/217?a=1&b=2",
        "mailto:auth-owners@shop.example",
    ]


def test_the_page_is_readable_without_styles_and_loads_nothing() -> None:
    page = Page(words(message()).html)
    loading = {"link", "script", "style", "img", "iframe", "object"}
    assert not loading & {tag for tag, _ in page.tags}
    assert "url(" not in words(message()).html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x\"onclick='y'", "data:text/html,x"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    page = Page(words(message(url=url)).html)
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["mailto:auth-owners@shop.example"]
    assert "onclick" not in {name for _, attributes in page.tags for name in attributes}
    assert f"<{url}" not in body(url=url)


def test_what_comes_from_outside_is_escaped_in_the_page() -> None:
    page = Page(words(message("<script>alert(1)</script>", owner="<b>x</b>")).html)
    assert not {"script", "b"} & {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>" in page.text


def test_a_template_in_a_name_is_text() -> None:
    assert "{{ 7 * 7 }}" in words(message("{{ 7 * 7 }}")).text


def test_a_line_break_in_a_name_begins_nothing() -> None:
    evil = message(
        "gis\r\nBcc: all@shop.example",
        owner="x\nMOVE BY never\u2028y",
        url="https://ci\r\nX-Evil: 1",
    )
    assert words(evil).subject.splitlines() == [words(evil).subject]
    assert "\nMOVE BY never" not in words(evil).text
    sent = message_from_bytes(letter(evil, sender="a@b.example", to="c@d.example"), policy=default)
    assert sent["Bcc"] is None
    assert sent["X-Evil"] is None


def test_a_mail_has_both_parts_and_the_headers_that_keep_robots_quiet() -> None:
    sent = message_from_bytes(mail(), policy=default)
    headers = {name: str(value) for name, value in sent.items()}
    assert headers == {
        "From": "ci-steps for auth <ci-steps@shop.example>",
        "To": "gis@shop.example",
        "Reply-To": "auth-owners@shop.example",
        "Subject": "[action by 2026-12-23] auth 2.0.0 in production: update gis",
        "Date": "Mon, 23 Nov 2026 09:41:07 +0000",
        "Message-ID": "<ee8d68202a0d07a35660cb5c0c537804@shop.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "List-Id": "Breaking releases <breaking.shop.example>",
        "X-CI-Steps-Key": "ee8d68202a0d07a35660cb5c0c537804",
        "X-CI-Steps-Event": "auth-2/production",
        "X-CI-Steps-Stage": "announced",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="=_ci-steps_{message().key}"',
    }
    parts = [
        (one.get_content_type(), one.get_content().replace("\r\n", "\n"))
        for one in sent.iter_parts()
    ]
    said = words(message())
    assert parts[0] == ("text/plain", said.text)
    assert parts[1] == ("text/html", said.html)
    assert b"\n" not in mail().replace(b"\r\n", b"")


def test_names_beyond_ascii_survive_a_mail() -> None:
    said = letter(message(owner="Équipe Géo ☃"), sender="a@b.example", to="c@d.example")
    assert said.isascii()
    text = message_from_bytes(said, policy=default).get_body(("plain",))
    assert text is not None
    assert "Équipe Géo ☃" in text.get_content()


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "<a@b.c>"]
)
def test_what_is_no_address_does_not_get_into_a_mail(to: str) -> None:
    sent = message_from_bytes(mail(to=to, sender=to), policy=default)
    assert str(sent["To"]) == "undisclosed-recipients:;"
    assert str(sent["From"]).endswith("<ci-steps@localhost>")
    assert sent["Bcc"] is None


def test_a_slack_message_is_inside_the_limits_and_says_what_it_left_out() -> None:
    sent = slack_message(message(*MANY, owner="GIS & <team> " * 400), "#gis-team")
    blocks = sent["blocks"]
    texts = [one["text"]["text"] for one in blocks if "text" in one]
    texts += [element["text"] for one in blocks for element in one.get("elements", [])]
    assert len(blocks) <= 50
    assert max(map(len, texts)) <= 3000
    assert len(blocks[0]["text"]["text"]) <= 150
    assert sum(map(len, texts)) <= 12_000
    listed = blocks[2]["text"]["text"].splitlines()
    shown = len(listed) - 2
    assert listed[-1] == f"… and {200 - shown} more"
    assert shown > 40


@pytest.mark.parametrize(
    "evil", ["<!channel>", "<!here|x>", "<@U012AB3CD>", "<#C01|x>", "<https://evil.example|auth>"]
)
def test_no_value_can_mention_anybody_or_hide_a_link(evil: str) -> None:
    attacked = replace(
        message(evil, requirement=evil, owner=evil, url=f"https://ci.example/{evil}"),
        provider=evil,
        version=evil,
        to=evil,
        environment=evil,
        provider_owner=Owner(evil, evil),
        reply_to=(evil,),
    )
    sent = slack_message(attacked, "#gis-team")
    shown = [sent["text"], str(sent["blocks"])]
    assert not any(re.search(r"<[!@#h]", text) for text in shown)
    assert "&lt;" in shown[1]


def test_a_link_cannot_be_ended_early() -> None:
    assert "<https://ci.example/a%7Cb?c=1&amp;d=2|Shipped by>" in body(
        url="https://ci.example/a|b?c=1&d=2"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("v1_20171001-2", "v1_20171001-2"),
        ("*bold*", "\u2060*\u2060bold\u2060*\u2060"),
    ],
)
def test_slack_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize(
    ("limit", "shown"), [(8, "a&amp;bc"), (7, "a&amp;…"), (6, "a…"), (3, "a…"), (2, "a…")]
)
def test_a_text_is_not_cut_within_an_escaped_character(limit: int, shown: str) -> None:
    assert shortened("a&amp;bc", limit) == shown
