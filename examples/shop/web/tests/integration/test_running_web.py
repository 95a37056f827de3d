import json
import os
import re
import unittest
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

ADDRESS = os.environ["CI_STEPS_ADDRESS"].rstrip("/")
NEIGHBOURS = ("CI_STEPS_ADDRESS_AUTH", "CI_STEPS_ADDRESS_GIS")
direct = build_opener(ProxyHandler({}))


def read(path: str) -> tuple[int, str]:
    try:
        with direct.open(ADDRESS + path, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


class RunningWeb(unittest.TestCase):
    def test_the_version_under_test_answers(self) -> None:
        facts = json.loads(read("/version")[1])
        self.assertEqual(facts["service"], "web")
        self.assertEqual(facts["version"], os.environ["CI_STEPS_VERSION"])

    def test_it_is_healthy(self) -> None:
        self.assertEqual(read("/healthz"), (200, "ok"))

    def test_a_page_that_does_not_exist_is_not_found(self) -> None:
        self.assertEqual(read("/shop")[0], 404)


@unittest.skipUnless(all(map(os.environ.get, NEIGHBOURS)), f"{' and '.join(NEIGHBOURS)} are needed")
class WebWithAuthAndGis(unittest.TestCase):
    def test_every_link_of_the_first_page_leads_to_a_place(self) -> None:
        status, text = read("/")
        self.assertEqual(status, 200, text)
        links = re.findall(r'<a href="(/places/\w+)">(\w+)</a>', text)
        self.assertIn(("/places/oslo", "Oslo"), links)
        for path, name in links:
            with self.subTest(path=path):
                status, text = read(path)
                self.assertEqual(status, 200)
                self.assertIn(f"<h1>{name}</h1>", text)

    def test_a_place_gis_does_not_know_is_not_found(self) -> None:
        self.assertEqual(read("/places/atlantis")[0], 404)
