"""The lines of a CODEOWNERS file, and what each pattern matches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ci_steps.errors import Problem

_SECTION = re.compile(r"(\^)?\[([^\[\]]+)\](?:\[\d+\])?(?:\s+(.*))?")
_OWNER = re.compile(r"@@?[\w.-]+(/[\w.-]+)*|[^\s@]+@[^\s@]+\.[^\s@]+", re.ASCII)
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True)
class Rule:
    """A pattern and whoever owns what it matches."""

    line: int
    pattern: tuple[str, ...]
    owners: tuple[str, ...]
    section: str = ""
    is_optional: bool = False
    excludes: bool = False

    def matches(self, path: Sequence[str]) -> bool:
        """Return whether the pattern matches a path; its cost grows with both lengths only."""
        states = self._onwards({0})
        for segment in path:
            states = self._onwards(
                {
                    state if self.pattern[state] == "**" else state + 1
                    for state in states
                    if state < len(self.pattern)
                    and (self.pattern[state] == "**" or fnmatchcase(segment, self.pattern[state]))
                }
            )
        return len(self.pattern) in states

    def _onwards(self, states: set[int]) -> set[int]:
        """Return where a pattern can stand; ``**`` also matches nothing."""
        found = set(states)
        for state in range(len(self.pattern)):
            if state in found and self.pattern[state] == "**":
                found.add(state + 1)
        return found


def read_rules(text: str, file: str, problems: list[Problem]) -> list[Rule]:
    """Return the rules in their order; lines that cannot be read are noted in *problems*."""
    is_gitlab = _is_gitlab(text)
    section, optional, default = "", False, ()  # type: str, bool, tuple[str, ...]
    found = []
    for line, content in enumerate(text.splitlines(), 1):
        stripped = content.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith(("[", "^[")):
            heading = _SECTION.fullmatch(stripped)
            if heading is None:
                problems.append(Problem(file, line, "", f"{stripped!r} is not a section"))
                continue
            section, optional = heading[2].strip().lower(), heading[1] is not None
            default = _owners(heading[3] or "", Problem(file, line, "", ""), problems)
            continue
        place = Problem(file, line, "", "")
        rule = _rule(stripped, place, problems, is_gitlab=is_gitlab)
        if rule is not None:
            owners = rule.owners or default
            found.append(replace(rule, owners=owners, section=section, is_optional=optional))
    return found


def _is_gitlab(text: str) -> bool:
    """Return whether a file uses what only GitLab has: sections, roles or exclusions."""
    return re.search(r"^\s*(\^?\[|!)|\s@@\w", text, re.MULTILINE) is not None


def _rule(text: str, place: Problem, problems: list[Problem], *, is_gitlab: bool) -> Rule | None:
    first = _WORD.match(text)
    written = first[0] if first else text
    excludes = written.startswith("!")
    pattern = re.sub(r"\\(.)", r"\1", written.removeprefix("!"))
    if set("[]") & set(pattern):
        problems.append(replace(place, text=f"{written!r}: ranges in brackets are not read"))
        return None
    if not pattern.strip("/"):
        problems.append(replace(place, text=f"{written!r} matches nothing: write * for all files"))
        return None
    owners = _owners(text[len(written) :], place, problems)
    segments = _gitlab(pattern) if is_gitlab else _github(pattern)
    return Rule(place.line, segments, owners, excludes=excludes)


def _owners(text: str, place: Problem, problems: list[Problem]) -> tuple[str, ...]:
    found = []
    for word in text.split():
        if word.startswith("#"):
            break
        if _OWNER.fullmatch(word):
            found.append(word)
        else:
            reason = f"{word!r} is not an owner: write @team, @organisation/team or an e-mail"
            problems.append(replace(place, text=reason))
    return tuple(found)


def _github(pattern: str) -> tuple[str, ...]:
    """Return the segments of a pattern as gitignore has them, with GitHub's exceptions."""
    segments = [part for part in pattern.split("/") if part]
    is_anchored = "/" in pattern.rstrip("/")
    start = [] if is_anchored else ["**"]
    if pattern.endswith("/"):
        return (*start, *segments, "*", "**")
    if len(segments) > 1 and segments[-1] in {"*", "**"}:
        return (*start, *segments)  # docs/* has no files of folders in docs
    return (*start, *segments, "**")


def _gitlab(pattern: str) -> tuple[str, ...]:
    """Return the segments of a pattern of GitLab: only one with a / at its end is a folder."""
    start = [] if pattern.startswith("/") else ["**"]
    end = ["**", "*"] if pattern.endswith("/") else []
    return (*start, *(part for part in pattern.split("/") if part), *end)
