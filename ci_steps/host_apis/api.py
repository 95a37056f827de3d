"""The API of a CI host: questions and changes, each with the host's own word where it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci_steps.errors import OutsideError

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_TIMEOUT_SECONDS = 10.0
_MOST_ANSWER_BYTES = 10_000_000
_MOST_PAGES = 10
_MOST_COMMENT = 30_000  # GitHub takes 65,536 characters, and answers with all of them
_PAGE = 100
_SUCCESS = range(200, 300)
_CUT = "\n\nThe rest is too long for a comment; all of it is on the page of the job.\n"


@dataclass(frozen=True)
class Api:
    """Where the API is, and what every request to it carries."""

    address: str
    headers: Mapping[str, str]
    outside: Outside

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list, of at most a thousand."""
        for number in range(1, _MOST_PAGES + 1):
            answer = self.outside.get(
                f"{self.address}/{path}?per_page={_PAGE}&page={number}",
                headers=self.headers,
                timeout_seconds=_TIMEOUT_SECONDS,
                limit_bytes=_MOST_ANSWER_BYTES,
                follow_redirects=False,
            )
            found = _document(answer.status, answer.text)
            entries = [one for one in found if isinstance(one, dict)] if found else []
            yield from entries
            if len(entries) < _PAGE:
                return

    def send(self, method: str, path: str, document: Mapping[str, Any]) -> Any:
        """Change something, and return what the host says of it; OutsideError if it refuses."""
        posted = self.outside.post(
            f"{self.address}/{path}",
            json.dumps(document).encode(),
            headers={**self.headers, "Content-Type": "application/json"},
            timeout_seconds=_TIMEOUT_SECONDS,
            method=method,
        )
        if posted.problem:
            raise OutsideError(posted.problem)
        return _document(posted.status, posted.text)


def keep_comment(api: Api, path: str, one: str, topic: str, text: str, method: str) -> None:
    """Put *text* among the comments at *path*, instead of the one of the same topic.

    A comment is found by a mark that people do not see, and changed at *one*, where its id goes.
    """
    mark = f"<!-- ci-steps {topic} -->"
    body = f"{mark}\n{_fitting(text)}"
    for comment in api.pages(path):
        if str(comment.get("body", "")).startswith(mark):
            api.send(method, one.format(id=comment.get("id")), {"body": body})
            return
    api.send("POST", path, {"body": body})


def _fitting(text: str) -> str:
    if len(text) <= _MOST_COMMENT:
        return text
    kept = text[:_MOST_COMMENT]
    return kept[: kept.rfind("\n")] + _CUT


def _document(status: int, text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if status in _SUCCESS:
        return found
    said = found.get("message") if isinstance(found, dict) else ""
    raise OutsideError(f"answered {status}{f': {said}' if said else ''}")
