import json
import os
import unittest
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

ADDRESS = os.environ["CI_STEPS_ADDRESS"].rstrip("/")
AUTH = os.environ.get("CI_STEPS_ADDRESS_AUTH", "").rstrip("/")
direct = build_opener(ProxyHandler({}))


def call(url: str, body: object = None, **headers: str) -> tuple[int, object]:
    """Return the status and the JSON of the answer; a *body* is posted."""
    posted = None if body is None else json.dumps(body).encode()
    try:
        with direct.open(Request(url, posted, headers), timeout=10) as reply:
            return reply.status, json.load(reply)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


class RunningGis(unittest.TestCase):
    def test_the_version_under_test_answers(self) -> None:
        _, facts = call(ADDRESS + "/version")
        self.assertEqual(facts["service"], "gis")
        self.assertEqual(facts["version"], os.environ["CI_STEPS_VERSION"])

    def test_it_is_healthy(self) -> None:
        with direct.open(ADDRESS + "/healthz", timeout=10) as reply:
            self.assertEqual((reply.status, reply.read()), (200, b"ok"))

    def test_without_a_token_nothing_is_told(self) -> None:
        self.assertEqual(call(ADDRESS + "/v1/places")[0], 401)


@unittest.skipUnless(AUTH, "CI_STEPS_ADDRESS_AUTH does not say where auth is")
class GisWithAuth(unittest.TestCase):
    def ask(self, path: str, user: str = "surveyor") -> tuple[int, object]:
        login = {"user": user, "password": f"{user}-demo"}
        status, answer = call(AUTH + "/v1/login", login)
        self.assertEqual(status, 200, f"auth refused the login: {answer}")
        return call(ADDRESS + path, Authorization=f"Bearer {answer['token']}")

    def test_a_reader_finds_a_place(self) -> None:
        status, place = self.ask("/v1/places/quito")
        self.assertEqual((status, place["name"]), (200, "Quito"))
        self.assertEqual(self.ask("/v1/places/atlantis")[0], 404)

    def test_a_reader_finds_the_nearest_place(self) -> None:
        status, found = self.ask("/v1/nearest?lat=60&lon=11")
        self.assertEqual((status, found["place"]["id"]), (200, "oslo"))
        self.assertLess(found["distance_km"], 20)

    def test_a_token_auth_does_not_know_is_refused(self) -> None:
        self.assertEqual(call(ADDRESS + "/v1/places", Authorization="Bearer made-up")[0], 401)

    def test_a_user_who_is_no_reader_is_refused(self) -> None:
        self.assertEqual(self.ask("/v1/places", user="courier")[0], 403)
