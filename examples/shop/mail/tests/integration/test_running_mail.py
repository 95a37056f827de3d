import json
import os
import unittest
import uuid
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

ADDRESS = os.environ["CI_STEPS_ADDRESS"].rstrip("/")
direct = build_opener(ProxyHandler({}))


def call(path: str, body: object = None) -> tuple[int, object]:
    """Return the status and the JSON of the answer; a *body* is posted."""
    posted = None if body is None else json.dumps(body).encode()
    try:
        with direct.open(Request(ADDRESS + path, posted), timeout=10) as reply:
            return reply.status, json.load(reply)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


class RunningMail(unittest.TestCase):
    def test_the_version_under_test_answers(self) -> None:
        _, facts = call("/version")
        self.assertEqual(facts["service"], "mail")
        self.assertEqual(facts["version"], os.environ["CI_STEPS_VERSION"])

    def test_it_is_healthy(self) -> None:
        with direct.open(ADDRESS + "/healthz", timeout=10) as reply:
            self.assertEqual((reply.status, reply.read()), (200, b"ok"))

    def test_a_message_that_was_accepted_is_listed(self) -> None:
        to = f"{uuid.uuid4()}@shop.example"  # a new one, so that an earlier run does not matter
        status, accepted = call("/messages", {"to": to, "subject": "Grüße", "body": "Text"})
        self.assertEqual(status, 201)
        self.assertEqual(call(f"/messages?to={to}"), (200, [accepted]))
        self.assertEqual(call(f"/messages/{accepted['id']}"), (200, accepted))

    def test_a_message_without_an_address_is_refused(self) -> None:
        self.assertEqual(call("/messages", {"to": "", "subject": "", "body": ""})[0], 400)

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self) -> None:
        request = Request(ADDRESS + "/messages", b"", {"Content-Length": "100000"})
        with self.assertRaises(HTTPError) as refused:
            direct.open(request, timeout=10)
        with refused.exception as answer:
            self.assertEqual(answer.code, 413)
