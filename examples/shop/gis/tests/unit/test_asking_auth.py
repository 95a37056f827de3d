import contextlib
import json
import os
import socket
import threading
import unittest
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from service import RefusedError, roles_at_auth


@contextlib.contextmanager
def auth_answers(status: int, content: object) -> Iterator[list[str]]:
    """Run an auth that answers everything alike; give the paths it was asked for."""
    asked = []

    class Auth(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Auth) as server:
        running = threading.Thread(target=server.serve_forever, args=(0.01,))
        running.start()
        with address(server.server_port):
            yield asked
        server.shutdown()
        running.join()


def address(port: int) -> object:
    return mock.patch.dict(os.environ, CI_STEPS_ADDRESS_AUTH=f"http://127.0.0.1:{port}")


class AskingAuth(unittest.TestCase):
    def assert_refused(self, status: int, sentence: str) -> None:
        with self.assertRaises(RefusedError) as refused:
            roles_at_auth("t", timeout=0.2)
        self.assertEqual((refused.exception.status, str(refused.exception)), (status, sentence))

    def test_roles_are_read_and_the_token_is_quoted(self) -> None:
        with auth_answers(200, {"user": "web", "roles": "reader,editor"}) as asked:
            self.assertEqual(roles_at_auth("a/../b"), ["reader", "editor"])
        self.assertEqual(asked, ["/v1/tokens/a%2F..%2Fb"])

    def test_an_unknown_token_is_the_fault_of_the_caller(self) -> None:
        with auth_answers(401, {"error": "unknown"}):
            self.assert_refused(401, "auth does not know the token")

    def test_an_auth_without_tokens_is_not_the_fault_of_the_caller(self) -> None:
        with auth_answers(404, {"error": "there is nothing here"}):
            self.assert_refused(503, "auth answered 404 when asked about a token")

    def test_roles_of_another_shape_are_not_guessed_at(self) -> None:
        with auth_answers(200, {"user": "web", "roles": ["reader"]}):
            self.assert_refused(503, "auth's answer names no roles")

    def test_an_auth_that_is_down_is_said_to_be_down(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with address(port):
            self.assert_refused(503, "auth does not answer")

    def test_an_auth_that_hangs_does_not_hang_gis(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent, address(silent.getsockname()[1]):
            self.assert_refused(503, "auth does not answer")

    def test_without_an_address_auth_does_not_answer(self) -> None:
        with mock.patch.dict(os.environ, CI_STEPS_ADDRESS_AUTH=""):
            self.assert_refused(503, "auth does not answer")
