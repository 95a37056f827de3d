"""Asking a registry over HTTP, as whoever may: nobody, a user, or the bearer of a token.

https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from ci_steps.errors import OutsideError
from ci_steps.images.logins import basic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.images.reference import Reference
    from ci_steps.outside import Outside
    from ci_steps.outside.web import Answer, Posted
    from ci_steps.protocols import Login

TIMEOUT_SECONDS = 20
_LIMIT_BYTES = 4_000_000  # the specification lets a registry refuse longer manifests
_WHO = 401
_PARAMETER = re.compile(r'(realm|service|scope)="([^"]*)"')

# The engines write docker.io; its registry answers under another name.
_ADDRESSES = {"docker.io": "registry-1.docker.io"}


@dataclass
class Session:
    """The questions to one registry; whoever it wants to know is told it once.

    `actions` are what a token is asked for.
    """

    reference: Reference
    outside: Outside
    login: Login | None = None
    timeout_seconds: float = TIMEOUT_SECONDS
    actions: str = "pull"
    _authorization: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, accept: str) -> Answer:
        """Read *path* below the image's name; a first refusal is answered with who asks."""
        answer = self._get(path, accept)
        wanted = _header(answer.headers, "www-authenticate")
        if answer.status == _WHO and not self._authorization and self._introduce(wanted):
            answer = self._get(path, accept)
        return answer

    def put(self, path: str, body: bytes, kind: str) -> Posted:
        """Write *path* below the image's name, as who was asked for when something was read.

        Who reads without a word may have to say a word to write.
        """
        put = self._put(path, body, kind)
        if put.status == _WHO and not self._authorization:
            answer = self._ask(self._url(), {})
            if self._introduce(_header(answer.headers, "www-authenticate")):
                put = self._put(path, body, kind)
        return put

    def _get(self, path: str, accept: str) -> Answer:
        url = self._url(f"{self.reference.name}/{path}")
        return self._ask(url, {"Accept": accept, **self._authorization})

    def _put(self, path: str, body: bytes, kind: str) -> Posted:
        return self.outside.post(
            self._url(f"{self.reference.name}/{path}"),
            body,
            headers={"Content-Type": kind, **self._authorization},
            timeout_seconds=self.timeout_seconds,
            method="PUT",
        )

    def _url(self, path: str = "") -> str:
        reference = self.reference
        host = _ADDRESSES.get(reference.host, reference.host)
        scheme = "http" if reference.is_on_this_machine else "https"
        return f"{scheme}://{host}/v2/{path}"

    def _ask(self, url: str, headers: Mapping[str, str]) -> Answer:
        try:
            return self.outside.get(
                url,
                headers=headers,
                timeout_seconds=self.timeout_seconds,
                limit_bytes=_LIMIT_BYTES,
            )
        except OutsideError as error:
            raise OutsideError(
                f"the registry {self.reference.host} cannot be read: {error}",
                hint="Whether the tag is taken must be known before anything is pushed.",
            ) from error

    def _introduce(self, wanted: str) -> bool:
        """Return whether there is something to answer to ``WWW-Authenticate``."""
        kind = wanted.partition(" ")[0].lower()
        if kind == "bearer":
            token = self._token(dict(_PARAMETER.findall(wanted)))
            self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        elif kind == "basic" and self.login:
            self._authorization = _basic(self.login)
        return bool(self._authorization)

    def _token(self, challenge: Mapping[str, str]) -> str:
        """Return a token that may pull; the password goes nowhere without TLS."""
        realm = urlsplit(challenge.get("realm", ""))
        if realm.scheme != "https" and not self.reference.is_on_this_machine:
            return ""
        scope = {"scope": f"repository:{self.reference.name}:{self.actions}"}
        service = {"service": challenge["service"]} if "service" in challenge else {}
        question = realm._replace(query=urlencode({**service, **scope})).geturl()
        answer = self._ask(question, _basic(self.login) if self.login else {})
        return _token_in(answer.text) if answer.ok else ""


def _basic(login: Login) -> dict[str, str]:
    return {"Authorization": f"Basic {basic(login)}"}


def _token_in(text: str) -> str:
    try:
        content = json.loads(text)
    except ValueError:
        return ""
    found = content.get("token") or content.get("access_token") if isinstance(content, dict) else ""
    return found if isinstance(found, str) else ""


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
