import json
import unittest
from http import HTTPStatus

from service import TOKEN_SECONDS, RefusedError, Tokens, answer


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def log_in(tokens: Tokens, user: object, password: object) -> str:
    body = json.dumps({"user": user, "password": password}).encode()
    return answer(tokens, "POST", "/v1/login", body)[1]["token"]


class Accounts(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.tokens = Tokens(self.clock)

    def assert_refused(self, status: HTTPStatus, method: str, path: str, body: bytes = b"") -> None:
        with self.assertRaises(RefusedError) as refused:
            answer(self.tokens, method, path, body)
        self.assertEqual(refused.exception.status, status)

    def test_a_token_names_its_holder_and_the_roles(self) -> None:
        token = log_in(self.tokens, "surveyor", "surveyor-demo")
        status, holder = answer(self.tokens, "GET", f"/v1/tokens/{token}", b"")
        self.assertEqual(status, HTTPStatus.OK)
        self.assertEqual(holder, {"user": "surveyor", "roles": "reader,editor"})

    def test_a_token_is_good_for_its_time_and_no_longer(self) -> None:
        token = log_in(self.tokens, "web", "web-demo")
        self.clock.now += TOKEN_SECONDS - 1
        self.assertEqual(self.tokens.holder(token), "web")
        self.clock.now += 1
        self.assert_refused(HTTPStatus.UNAUTHORIZED, "GET", f"/v1/tokens/{token}")

    def test_a_login_leaves_the_tokens_of_others_alone(self) -> None:
        first = log_in(self.tokens, "web", "web-demo")
        log_in(self.tokens, "courier", "courier-demo")
        self.assertEqual(self.tokens.holder(first), "web")

    def test_wrong_logins_are_refused(self) -> None:
        for user, password in [("web", "wrong"), ("web", ""), ("nobody", ""), ("web", "\ud800")]:
            with self.subTest(user=user, password=password):
                body = json.dumps({"user": user, "password": password}).encode()
                self.assert_refused(HTTPStatus.UNAUTHORIZED, "POST", "/v1/login", body)

    def test_bodies_that_are_no_login_are_refused(self) -> None:
        for body in [b"", b"{", b"[]", b'{"user": "web"}', b'{"user": 1, "password": 2}']:
            with self.subTest(body=body):
                self.assert_refused(HTTPStatus.BAD_REQUEST, "POST", "/v1/login", body)

    def test_a_user_is_found_by_id(self) -> None:
        _, user = answer(self.tokens, "GET", "/v1/users/courier", b"")
        self.assertEqual(user, {"id": "courier", "name": "Courier", "roles": "sender"})

    def test_what_does_not_exist_is_not_found(self) -> None:
        for path in ["/", "/v1/users/nobody", "/v2/users/web", "/v1/login"]:
            with self.subTest(path=path):
                self.assert_refused(HTTPStatus.NOT_FOUND, "GET", path)
