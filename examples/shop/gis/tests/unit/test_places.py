import unittest
from http import HTTPStatus

from service import PLACES, RefusedError, answer, distance_km


def ask(path: str, authorization: str = "Bearer good", roles: str = "reader") -> object:
    return answer(path, authorization, lambda token: roles.split(",") if token == "good" else [])


class Places(unittest.TestCase):
    def assert_refused(self, status: HTTPStatus, *request: str) -> None:
        with self.assertRaises(RefusedError) as refused:
            ask(*request)
        self.assertEqual(refused.exception.status, status)

    def test_a_reader_finds_all_places_and_one(self) -> None:
        self.assertEqual({place["id"] for place in ask("/v1/places")}, set(PLACES))
        self.assertEqual(ask("/v1/places/oslo")["name"], "Oslo")

    def test_the_scheme_may_be_written_in_any_case(self) -> None:
        self.assertEqual(ask("/v1/places/oslo", "bearer good")["name"], "Oslo")

    def test_without_a_token_nothing_is_told(self) -> None:
        for authorization in ["", "Bearer", "Bearer ", "Basic good"]:
            with self.subTest(authorization=authorization):
                self.assert_refused(HTTPStatus.UNAUTHORIZED, "/v1/places", authorization)

    def test_only_readers_may_look(self) -> None:
        self.assert_refused(HTTPStatus.FORBIDDEN, "/v1/places", "Bearer good", "sender,editor")

    def test_the_version_needs_no_token(self) -> None:
        self.assertEqual(ask("/version", "")["service"], "gis")

    def test_what_does_not_exist_is_not_found(self) -> None:
        for path in ["/", "/v1", "/v1/places/atlantis", "/v2/places"]:
            with self.subTest(path=path):
                self.assert_refused(HTTPStatus.NOT_FOUND, path)


class Nearest(unittest.TestCase):
    def test_oslo_and_lisbon_are_2740_km_apart(self) -> None:
        lisbon = PLACES["lisbon"]
        self.assertAlmostEqual(distance_km(59.9139, 10.7522, lisbon), 2740, delta=10)

    def test_the_antipode_is_half_way_round(self) -> None:
        pole = {"lat": 90.0, "lon": 0.0}
        self.assertAlmostEqual(distance_km(-90.0, 0.0, pole), 20015, delta=1)

    def test_the_date_line_is_no_wall(self) -> None:
        self.assertEqual(ask("/v1/nearest?lat=-18&lon=-179")["place"]["id"], "suva")

    def test_a_point_that_is_not_on_earth_is_refused(self) -> None:
        for query in [
            "",
            "lat=1",
            "lat=a&lon=1",
            "lat=90.1&lon=0",
            "lat=0&lon=181",
            "lat=nan&lon=0",
        ]:
            with self.subTest(query=query), self.assertRaises(RefusedError) as refused:
                ask(f"/v1/nearest?{query}")
            self.assertEqual(refused.exception.status, HTTPStatus.BAD_REQUEST)
