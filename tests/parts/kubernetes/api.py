"""The API server, asked without kubectl."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from dataclasses import dataclass, field
from typing import Any


def _context() -> ssl.SSLContext:
    return ssl._create_unverified_context()


@dataclass
class Api:
    """Where it is, and the token it lets in; one connection is kept for all questions."""

    address: str
    token: str
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _connection: http.client.HTTPSConnection | None = None

    def get(self, path: str) -> Any:
        """Return what is at a path, such as ``/api/v1/namespaces/default/pods``."""
        return self._call("GET", path)

    def patch(self, path: str, document: Any, kind: str = "strategic-merge") -> Any:
        """Merge *document* into what is at a path."""
        return self._call("PATCH", path, document, kind)

    def close(self) -> None:
        """Let go of the connection; the next question makes one again."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _call(self, method: str, path: str, document: Any = None, kind: str = "") -> Any:
        """Ask; OSError is every way in which there is no answer."""
        body = None if document is None else json.dumps(document)
        headers = {"Authorization": f"Bearer {self.token}"}
        if kind:
            headers["Content-Type"] = f"application/{kind}-patch+json"
        with self._turn:
            if self._connection is None:
                made = http.client.HTTPSConnection(self.address, timeout=10, context=_context())
                self._connection = made
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                raise OSError(path) from error
        if answer.status >= http.client.BAD_REQUEST:
            raise OSError(f"{method} {path}: {content.decode()}")
        return json.loads(content)
