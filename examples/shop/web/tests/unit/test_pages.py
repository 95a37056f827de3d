import json
import os
import socket
import unittest
from http import HTTPStatus
from unittest import mock

import service
from service import RefusedError, answer

OSLO = {"id": "oslo", "name": "Oslo", "lat": 59.9139, "lon": 10.7522}


def asking(*places: object, login: object = None) -> object:
    """Return a world in which gis knows *places* and auth answers *login*."""

    def ask(neighbour: str, path: str, **_: object) -> object:
        return {
            ("auth", "/v1/login"): {"token": "good"} if login is None else login,
            ("gis", "/v1/places"): list(places),
        }[neighbour, path]

    return ask


class Pages(unittest.TestCase):
    def test_the_first_page_links_to_every_place(self) -> None:
        kind, text = answer("/", asking(OSLO))
        self.assertEqual(kind, "text/html; charset=utf-8")
        self.assertIn('<a href="/places/oslo">Oslo</a>', text)

    def test_a_place_has_a_page_of_its_own(self) -> None:
        _, text = answer("/places/oslo", asking(OSLO))
        self.assertIn("<h1>Oslo</h1>", text)
        self.assertIn("59.9139, 10.7522", text)

    def test_what_others_answer_is_escaped(self) -> None:
        _, text = answer("/", asking(OSLO | {"id": 'a"b', "name": "<script>"}))
        self.assertIn('<a href="/places/a%22b">&lt;script&gt;</a>', text)

    def test_a_place_gis_does_not_know_is_not_found(self) -> None:
        self.assert_refused(HTTPStatus.NOT_FOUND, "/places/atlantis", asking(OSLO))
        self.assert_refused(HTTPStatus.NOT_FOUND, "/shop", asking(OSLO))

    def test_answers_of_another_shape_are_not_guessed_at(self) -> None:
        for world in [asking({"id": "oslo"}), asking("oslo"), asking(OSLO, login={"session": 1})]:
            with self.subTest(world=world):
                self.assert_refused(HTTPStatus.SERVICE_UNAVAILABLE, "/", world)

    def test_the_version_needs_no_neighbour(self) -> None:
        _, text = answer("/version")
        self.assertEqual(json.loads(text)["service"], "web")

    def assert_refused(self, status: HTTPStatus, path: str, world: object) -> None:
        with self.assertRaises(RefusedError) as refused:
            answer(path, world)
        self.assertEqual(refused.exception.status, status)


class Neighbours(unittest.TestCase):
    def assert_unavailable(self, address: str) -> None:
        places = {"CI_STEPS_ADDRESS_AUTH": address}
        with mock.patch.dict(os.environ, places), self.assertRaises(RefusedError) as refused:
            answer("/")
        self.assertEqual(refused.exception.status, HTTPStatus.SERVICE_UNAVAILABLE)
        self.assertEqual(str(refused.exception), "auth does not answer")

    def test_a_neighbour_that_is_down_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.assert_unavailable(f"http://127.0.0.1:{port}")

    def test_a_neighbour_that_hangs_does_not_hang_web(self) -> None:
        with (
            socket.create_server(("127.0.0.1", 0)) as silent,
            mock.patch.object(service, "TIMEOUT_SECONDS", 0.2),
        ):
            self.assert_unavailable(f"http://127.0.0.1:{silent.getsockname()[1]}")

    def test_a_neighbour_without_an_address_is_named(self) -> None:
        self.assert_unavailable("")
