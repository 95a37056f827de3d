"""Where the web pages of a code host show a line of a file in a commit."""

from __future__ import annotations

import re
from urllib.parse import quote

# https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-a-permanent-link-to-a-code-snippet
# https://docs.gitlab.com/user/project/repository/files/
# https://forgejo.org/docs/latest/user/linked-references/ (Gitea has the same)
_FORMS = {
    "github": "{repository}/blob/{commit}/{path}#L{line}",
    "gitlab": "{repository}/-/blob/{commit}/{path}#L{line}",
    "gitea": "{repository}/src/commit/{commit}/{path}#L{line}",
    "forgejo": "{repository}/src/commit/{commit}/{path}#L{line}",
    "codeberg": "{repository}/src/commit/{commit}/{path}#L{line}",
}
_REPOSITORY = re.compile(r"(?P<address>https://(?P<host>[\w.-]+)(:[0-9]+)?/[^\s?#]+?)(\.git)?/?")
_PLACE = re.compile(r"(?P<path>.+):(?P<line>[0-9]+)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def line_url(repository: str, commit: str, place: str) -> str:
    """Return the address of *place* (``ci-steps.yaml:7``), or nothing where it is not known.

    Whose pages they are is told by the name of the machine, such as ``gitlab.shop.example``.
    """
    found, known = _PLACE.fullmatch(place), _REPOSITORY.fullmatch(repository)
    if not (found and known and _COMMIT.fullmatch(commit)):
        return ""
    labels = known["host"].lower().split(".")
    form = next((_FORMS[label] for label in labels if label in _FORMS), "")
    return form.format(
        repository=known["address"],
        commit=commit,
        path=quote(found["path"]),
        line=found["line"],
    )
