"""A page in Slack's Block Kit: escaped, and inside the limits whatever is in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ci_steps.notices import stages
from ci_steps.notices.wording.mrkdwn import escaped, shortened
from ci_steps.notices.wording.own_words import SLACK
from ci_steps.notices.wording.pages import page
from ci_steps.notices.wording.render import own_form
from ci_steps.notices.wording.spans import Link, clean, is_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_steps.notices.wording.page import Block, Page
    from ci_steps.notices.wording.spans import Line, Span
    from ci_steps.protocols import Message

# https://docs.slack.dev/reference/block-kit/blocks/header-block and …/section-block
_HEADER_LIMIT = 150
_SECTION_LIMIT = 3_000
# Fewer than a section may hold: a list is read to its end, or not at all.
_LIST_LIMIT = 2_500
_SENTENCE_LIMIT = 160
# All sections together; the rest of 12,000 characters is for what is around them.
_ALL_LIMIT = 9_000
_MOST_PARTS = 40
_AGAIN = "sent again: the answer to the first try was lost"
_MARKS = {"calm": "✅", "soon": "📅", "now": "🔴", "news": "💬"}

# https://docs.slack.dev/messaging/formatting-message-text#mentioning-users and …-groups
_PERSON = re.compile(r"[UW][A-Z0-9]{6,20}")
_GROUP = re.compile(r"S[A-Z0-9]{6,20}")


def slack_message(message: Message, address: str) -> dict[str, Any]:
    """Return the body of ``chat.postMessage``: at most 50 blocks and 12,000 characters."""
    said = page(message)
    return {
        "channel": address,
        # What a phone shows in its notification, and a screen reader says.
        "text": shortened(escaped(said.summary), _SECTION_LIMIT),
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
        "metadata": {
            "event_type": "ci_steps_notice",
            "event_payload": {
                "key": message.key,
                "event": f"{message.to}/{message.environment}",
                "stage": message.stage,
            },
        },
        "blocks": [_header(said.headline), *_body(said, message), _context(said)],
    }


def plain_message(message: Message, address: str) -> dict[str, Any]:
    """Return it without blocks, and with the first link only: short enough for any limit."""
    whole = slack_message(message, address)
    del whole["blocks"]
    url = clean(message.url)
    link = f"\n<{url.replace('&', '&amp;').replace('|', '%7C')}>" if is_link(url) else ""
    return {**whole, "text": f"{whole['text']}{link}"}


def marked_message(whole: dict[str, Any]) -> dict[str, Any]:
    """Return a message that says it may be there twice."""
    note = {"type": "context", "elements": [_markdown(_AGAIN)]}
    more = {"blocks": [*whole["blocks"], note]} if "blocks" in whole else {}
    return {**whole, "text": f"{whole['text']} ({_AGAIN})", **more}


def _header(text: str) -> dict[str, Any]:
    plain_text = {
        "type": "plain_text",
        "text": shortened(escaped(text), _HEADER_LIMIT),
        "emoji": False,
    }
    return {"type": "header", "text": plain_text}


def _body(said: Page, message: Message) -> Iterator[dict[str, Any]]:
    own = own_form(message, said, SLACK)
    if own is None:
        yield from _sections(said, message)
        return
    # Slack's own mark-up, as the template has it; nothing in it may call everybody.
    text = re.sub(r"<!(channel|here|everyone)[^>]*>", r"\1", own.strip())[:_ALL_LIMIT]
    for start in range(0, len(text), _SECTION_LIMIT):
        yield _section(text[start : start + _SECTION_LIMIT])


def _sections(said: Page, message: Message) -> Iterator[dict[str, Any]]:
    yield _section("\n".join(_opening(said, message)))
    left = _ALL_LIMIT
    for number, block in enumerate(said.blocks):
        text = _block(block)
        left -= len(text)
        if number >= _MOST_PARTS or left < 0:
            yield _section(f"… and {len(said.blocks) - number} more, in full by mail")
            return
        yield _section(text)


def _opening(said: Page, message: Message) -> Iterator[str]:
    limit = said.deadline
    mentioned = "".join(_mentions(message))
    if limit:
        rest = f" ({escaped(limit.rest)})" if limit.rest else ""
        word = "Was due on" if limit.label == "due" else "By"
        yield f"{_MARKS[said.tone]} {word} *{escaped(limit.day)}*{rest}{mentioned}"
        if limit.then:
            yield escaped(limit.then)
    elif said.tone == "now":
        yield f"{_MARKS[said.tone]} *Now*{mentioned}"
    yield from (_said(line) for line in (*said.notes, *said.lead))


def _mentions(message: Message) -> Iterator[str]:
    """Yield the people and groups that are called by name, where that is allowed."""
    if stages.kind_of(message.stage) not in stages.MENTIONING:
        return
    for contact in message.contact_owner.contacts:
        if contact.channel == "slack" and _PERSON.fullmatch(contact.address):
            yield f" <@{contact.address}>"
        elif contact.channel == "slack" and _GROUP.fullmatch(contact.address):
            yield f" <!subteam^{contact.address}>"


def _block(block: Block) -> str:
    lines = [f"*{escaped(block.title)}*"]
    if block.command:
        lines.append(f"```{_bare(block.command)}```")
    lines += [_said(line) for line in block.lines]
    lines += _list(block.items, block.more)
    lines += [_said(line) for line in block.after]
    lines += _pairs(block.pairs)
    if block.name == "time":
        lines.append("Or react with :eyes: to say that you have seen this.")
    return shortened("\n".join(lines), _SECTION_LIMIT)


def _pairs(pairs: Sequence[tuple[str, Line]]) -> Iterator[str]:
    """Yield addresses behind their names on one line, and everything else on its own."""
    links = [(label, line[0]) for label, line in pairs if isinstance(line[0], Link)]
    if links:
        yield " · ".join(_span(Link(label, link.url)) for label, link in links)
    for label, line in pairs:
        if not isinstance(line[0], Link):
            yield f"{escaped(label)}: {_said(line)}"


def _list(items: Sequence[Line], more: int) -> Iterator[str]:
    length = 0
    for number, item in enumerate(items):
        line = f"• {_item(item)}"
        length += len(line) + 1
        if length > _LIST_LIMIT:
            more += len(items) - number
            break
        yield line
    if more:
        yield f"… and {more:,} more"


def _item(item: Line) -> str:
    """Return a line of a list; a long sentence in it is cut, so that places and names stay."""
    return "".join(
        _span(shortened(one, _SENTENCE_LIMIT) if isinstance(one, str) else one) for one in item
    )


def _context(said: Page) -> dict[str, Any]:
    text = " · ".join(_said(line) for line in said.footer)
    return {"type": "context", "elements": [_markdown(text)]}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _markdown(text)}


def _markdown(text: str) -> dict[str, Any]:
    # Verbatim: Slack makes no links of its own out of names and channels.
    return {"type": "mrkdwn", "text": shortened(text, _SECTION_LIMIT), "verbatim": True}


def _said(line: Line) -> str:
    return "".join(_span(one) for one in line)


def _span(span: Span) -> str:
    if isinstance(span, str):
        return escaped(span)
    if span.form == "code":
        return f"`{_bare(span.text.replace('`', chr(39)))}`"
    if span.form == "strong":
        return f"*{escaped(span.text)}*"
    if not isinstance(span, Link) or span.url.startswith("mailto:"):
        return escaped(span.text)
    return f"<{span.url.replace('&', '&amp;').replace('|', '%7C')}|{_bare(span.text)}>"


def _bare(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
