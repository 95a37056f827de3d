import json
import unittest
from http import HTTPStatus

from service import KEPT, Outbox, RefusedError, answer


def post(outbox: Outbox, **message: object) -> tuple[HTTPStatus, object]:
    return answer(outbox, "POST", "/messages", json.dumps(message).encode())


class Messages(unittest.TestCase):
    def setUp(self) -> None:
        self.outbox = Outbox()

    def test_an_accepted_message_is_found_by_its_id(self) -> None:
        status, accepted = post(self.outbox, to="web@shop.example", subject="Hello", body="Text")
        self.assertEqual(status, HTTPStatus.CREATED)
        found = answer(self.outbox, "GET", f"/messages/{accepted['id']}", b"")
        self.assertEqual(found, (HTTPStatus.OK, accepted))

    def test_messages_are_listed_in_the_order_they_came(self) -> None:
        for subject in ["one", "two", "three"]:
            post(self.outbox, to="web@shop.example", subject=subject, body="")
        _, listed = answer(self.outbox, "GET", "/messages", b"")
        self.assertEqual([message["subject"] for message in listed], ["one", "two", "three"])

    def test_a_list_may_be_narrowed_to_one_address(self) -> None:
        post(self.outbox, to="web@shop.example", subject="mine", body="")
        post(self.outbox, to="gis@shop.example", subject="theirs", body="")
        _, listed = answer(self.outbox, "GET", "/messages?to=web%40shop.example", b"")
        self.assertEqual([message["subject"] for message in listed], ["mine"])

    def test_the_oldest_message_makes_room_for_the_newest(self) -> None:
        for _ in range(KEPT + 1):
            self.outbox.accept("web@shop.example", "", "")
        ids = [message["id"] for message in self.outbox.messages()]
        self.assertEqual((len(ids), ids[0], ids[-1]), (KEPT, 2, KEPT + 1))

    def test_what_is_no_message_is_refused(self) -> None:
        for message in [{}, {"to": "web@shop.example"}, {"to": "web", "subject": "", "body": ""}]:
            with self.subTest(message=message), self.assertRaises(RefusedError) as refused:
                post(self.outbox, **message)
            self.assertEqual(refused.exception.status, HTTPStatus.BAD_REQUEST)

    def test_what_does_not_exist_is_not_found(self) -> None:
        for path in ["/", "/messages/1", "/messages/x", "/v1/messages"]:
            with self.subTest(path=path), self.assertRaises(RefusedError) as refused:
                answer(self.outbox, "GET", path, b"")
            self.assertEqual(refused.exception.status, HTTPStatus.NOT_FOUND)
