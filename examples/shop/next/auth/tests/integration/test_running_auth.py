import json
import os
import unittest
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

ADDRESS = os.environ["CI_STEPS_ADDRESS"].rstrip("/")
direct = build_opener(ProxyHandler({}))


def call(path: str, body: object = None, method: str | None = None) -> tuple[int, object]:
    """Return the status and the JSON of the answer; a *body* is posted."""
    posted = None if body is None else json.dumps(body).encode()
    try:
        with direct.open(Request(ADDRESS + path, posted, method=method), timeout=10) as reply:
            return reply.status, json.load(reply)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


class RunningAuth(unittest.TestCase):
    def test_the_version_under_test_answers(self) -> None:
        _, facts = call("/version")
        self.assertEqual(facts["service"], "auth")
        self.assertEqual(facts["version"], os.environ["CI_STEPS_VERSION"])

    def test_it_is_healthy(self) -> None:
        with direct.open(ADDRESS + "/healthz", timeout=10) as reply:
            self.assertEqual((reply.status, reply.read()), (200, b"ok"))

    def test_a_session_has_a_token_that_auth_knows(self) -> None:
        status, login = call("/v2/sessions", {"user": "surveyor", "password": "surveyor-demo"})
        self.assertEqual(status, 201)
        found = call(f"/v2/sessions/{login['token']}")
        self.assertEqual(found, (200, {"user": "surveyor", "roles": ["reader", "editor"]}))

    def test_a_wrong_password_and_an_unknown_token_are_refused(self) -> None:
        self.assertEqual(call("/v2/sessions", {"user": "web", "password": "wrong"})[0], 401)
        self.assertEqual(call("/v2/sessions/unknown")[0], 401)

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self) -> None:
        request = Request(ADDRESS + "/v2/sessions", b"", {"Content-Length": "100000"})
        with self.assertRaises(HTTPError) as refused:
            direct.open(request, timeout=10)
        with refused.exception as answer:
            self.assertEqual(answer.code, 413)

    def test_users_are_found_by_id(self) -> None:
        self.assertEqual(call("/v2/users/web")[1]["roles"], ["reader"])
        self.assertEqual(call("/v2/users/nobody")[0], 404)

    def test_a_session_that_was_ended_is_over(self) -> None:
        _, session = call("/v2/sessions", {"user": "web", "password": "web-demo"})
        path = f"/v2/sessions/{session['token']}"
        self.assertEqual(call(path, method="DELETE")[0], 200)
        self.assertEqual(call(path)[0], 401)

    def test_version_1_is_no_longer_served(self) -> None:
        self.assertEqual(call("/v1/login", {"user": "web", "password": "web-demo"})[0], 404)
        self.assertEqual(call("/v1/users/web")[0], 404)
