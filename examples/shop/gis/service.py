"""gis: where places are, for callers whose token auth knows."""

import json
import math
import os
import signal
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, unquote, urlsplit
from urllib.request import ProxyHandler, build_opener

VERSION = Path(__file__).with_name("VERSION").read_text(encoding="utf-8").strip()
COMMIT = os.environ.get("CI_STEPS_COMMIT", "")
TIMEOUT_SECONDS = 2.0
EARTH_RADIUS_KM = 6371.0

PLACES = {
    "lisbon": {"id": "lisbon", "name": "Lisbon", "lat": 38.7223, "lon": -9.1393},
    "oslo": {"id": "oslo", "name": "Oslo", "lat": 59.9139, "lon": 10.7522},
    "quito": {"id": "quito", "name": "Quito", "lat": -0.1807, "lon": -78.4678},
    "suva": {"id": "suva", "name": "Suva", "lat": -18.1248, "lon": 178.4501},
}

# Neighbours are called directly, whatever proxy the machine uses for the world outside.
_direct = build_opener(ProxyHandler({}))


class RefusedError(Exception):
    """A request that gets no result: the status and the sentence the caller reads."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def unavailable(sentence: str) -> RefusedError:
    return RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence)


def roles_at_auth(token: str, timeout: float = TIMEOUT_SECONDS) -> list[str]:
    """Return what the holder of *token* may do, as auth says."""
    address = os.environ.get("CI_STEPS_ADDRESS_AUTH", "").rstrip("/")
    try:
        with _direct.open(f"{address}/v1/tokens/{quote(token, safe='')}", timeout=timeout) as reply:
            found = json.load(reply)
    except HTTPError as error:
        error.close()
        if error.code == HTTPStatus.UNAUTHORIZED:
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "auth does not know the token") from None
        raise unavailable(f"auth answered {error.code} when asked about a token") from None
    except (OSError, ValueError, HTTPException):
        raise unavailable("auth does not answer") from None
    match found:
        case {"roles": str(roles)}:
            return roles.split(",")
    raise unavailable("auth's answer names no roles")


def distance_km(lat: float, lon: float, place: dict[str, object]) -> float:
    """Return the way along a great circle, by the haversine formula."""
    phi, other = math.radians(lat), math.radians(place["lat"])
    half = math.radians(place["lon"] - lon) / 2
    h = math.sin((other - phi) / 2) ** 2 + math.cos(phi) * math.cos(other) * math.sin(half) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))


def nearest(query: dict[str, list[str]]) -> dict[str, object]:
    try:
        lat, lon = float(query["lat"][0]), float(query["lon"][0])
    except (KeyError, ValueError):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "lat and lon are needed, in degrees") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "lat is -90 to 90 and lon -180 to 180")
    place = min(PLACES.values(), key=lambda place: distance_km(lat, lon, place))
    return {"place": place, "distance_km": round(distance_km(lat, lon, place), 1)}


def look_up(path: list[str], query: dict[str, list[str]]) -> object:
    match path:
        case ["places"]:
            return list(PLACES.values())
        case ["places", place] if place in PLACES:
            return PLACES[place]
        case ["nearest"]:
            return nearest(query)
    raise RefusedError(HTTPStatus.NOT_FOUND, "there is nothing here")


def answer(target: str, authorization: str, roles: Callable[[str], list[str]]) -> object:
    url = urlsplit(target)
    match [unquote(part) for part in url.path.split("/")[1:]]:
        case ["healthz"]:
            return "ok"
        case ["version"]:
            return {"service": "gis", "version": VERSION, "commit": COMMIT}
        case ["v1", *path]:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise RefusedError(HTTPStatus.UNAUTHORIZED, "a bearer token is needed")
            if "reader" not in roles(token):
                raise RefusedError(HTTPStatus.FORBIDDEN, "only a reader may look at places")
            return look_up(path, parse_qs(url.query))
    raise RefusedError(HTTPStatus.NOT_FOUND, "there is nothing here")


class Handler(BaseHTTPRequestHandler):
    timeout = 3  # seconds; a silent caller must not keep the service from stopping

    def do_GET(self) -> None:
        try:
            authorization = self.headers.get("Authorization", "")
            status, content = HTTPStatus.OK, answer(self.path, authorization, roles_at_auth)
        except RefusedError as refused:
            status, content = refused.status, {"error": str(refused)}
        text = isinstance(content, str)
        encoded = (content if text else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if text else "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


def main() -> None:
    """Serve until SIGTERM; requests under way are finished."""
    address = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    with ThreadingHTTPServer(address, Handler) as server:
        server.daemon_threads = False  # leaving the block then waits for requests under way
        # shutdown() waits for the loop this very thread runs, so another thread calls it.
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()


if __name__ == "__main__":
    main()
