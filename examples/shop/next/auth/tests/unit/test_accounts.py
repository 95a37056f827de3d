import json
import unittest
from http import HTTPStatus

from service import SESSION_SECONDS, RefusedError, Sessions, answer


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def log_in(sessions: Sessions, user: object, password: object) -> str:
    body = json.dumps({"user": user, "password": password}).encode()
    return answer(sessions, "POST", "/v2/sessions", body)[1]["token"]


class Accounts(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.sessions = Sessions(self.clock)

    def assert_refused(self, status: HTTPStatus, method: str, path: str, body: bytes = b"") -> None:
        with self.assertRaises(RefusedError) as refused:
            answer(self.sessions, method, path, body)
        self.assertEqual(refused.exception.status, status)

    def test_a_token_names_its_holder_and_the_roles(self) -> None:
        token = log_in(self.sessions, "surveyor", "surveyor-demo")
        status, holder = answer(self.sessions, "GET", f"/v2/sessions/{token}", b"")
        self.assertEqual(status, HTTPStatus.OK)
        self.assertEqual(holder, {"user": "surveyor", "roles": ["reader", "editor"]})

    def test_a_token_is_good_for_its_time_and_no_longer(self) -> None:
        token = log_in(self.sessions, "web", "web-demo")
        self.clock.now += SESSION_SECONDS - 1
        self.assertEqual(self.sessions.holder(token), "web")
        self.clock.now += 1
        self.assert_refused(HTTPStatus.UNAUTHORIZED, "GET", f"/v2/sessions/{token}")

    def test_a_login_leaves_the_tokens_of_others_alone(self) -> None:
        first = log_in(self.sessions, "web", "web-demo")
        log_in(self.sessions, "courier", "courier-demo")
        self.assertEqual(self.sessions.holder(first), "web")

    def test_wrong_logins_are_refused(self) -> None:
        for user, password in [("web", "wrong"), ("web", ""), ("nobody", ""), ("web", "\ud800")]:
            with self.subTest(user=user, password=password):
                body = json.dumps({"user": user, "password": password}).encode()
                self.assert_refused(HTTPStatus.UNAUTHORIZED, "POST", "/v2/sessions", body)

    def test_bodies_that_are_no_login_are_refused(self) -> None:
        for body in [b"", b"{", b"[]", b'{"user": "web"}', b'{"user": 1, "password": 2}']:
            with self.subTest(body=body):
                self.assert_refused(HTTPStatus.BAD_REQUEST, "POST", "/v2/sessions", body)

    def test_a_user_is_found_by_id(self) -> None:
        _, user = answer(self.sessions, "GET", "/v2/users/courier", b"")
        self.assertEqual(user, {"id": "courier", "name": "Courier", "roles": ["sender"]})

    def test_what_does_not_exist_is_not_found(self) -> None:
        for path in ["/", "/v2/users/nobody", "/v2/sessions"]:
            with self.subTest(path=path):
                self.assert_refused(HTTPStatus.NOT_FOUND, "GET", path)

    def test_a_session_that_was_ended_is_over(self) -> None:
        token = log_in(self.sessions, "web", "web-demo")
        for _ in ["once", "and once more"]:
            status, _ = answer(self.sessions, "DELETE", f"/v2/sessions/{token}", b"")
            self.assertEqual(status, HTTPStatus.OK)
        self.assert_refused(HTTPStatus.UNAUTHORIZED, "GET", f"/v2/sessions/{token}")

    def test_version_1_is_no_longer_served(self) -> None:
        body = b'{"user": "web", "password": "web-demo"}'
        self.assert_refused(HTTPStatus.NOT_FOUND, "POST", "/v1/login", body)
        self.assert_refused(HTTPStatus.NOT_FOUND, "GET", "/v1/users/web")
