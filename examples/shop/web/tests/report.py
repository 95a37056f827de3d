"""Run the unittest tests of a folder and write a JUnit report.

python3 -m tests.report tests/unit .ci-steps/reports/unit.xml
"""

import re
import sys
import time
import unittest
from datetime import datetime, timezone
from pathlib import Path
from xml.etree import ElementTree as ET

# https://www.w3.org/TR/xml/#charsets: anything else would make the report unreadable.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitResult(unittest.TextTestResult):
    """Prints like unittest, and keeps one <testcase> for each test."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.suite = ET.Element("testsuite")
        self._cases: dict[str, ET.Element] = {}
        self._started: dict[str, float] = {}

    def startTest(self, test: unittest.TestCase) -> None:
        self._started[test.id()] = time.perf_counter()
        self._case(test)
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:
        seconds = time.perf_counter() - self._started[test.id()]
        self._case(test).set("time", f"{seconds:.3f}")
        super().stopTest(test)

    def addFailure(self, test: unittest.TestCase, err: tuple) -> None:
        super().addFailure(test, err)
        self._note(test, "failure", str(err[1]), self.failures[-1][1])

    def addError(self, test: unittest.TestCase, err: tuple) -> None:
        super().addError(test, err)
        self._note(test, "error", str(err[1]), self.errors[-1][1])

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: tuple) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            traceback = (self.failures if failed else self.errors)[-1][1]
            self._note(test, "failure" if failed else "error", str(subtest), traceback)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self._note(test, "failure", "passed, but was expected to fail")

    def _case(self, test: unittest.TestCase) -> ET.Element:
        test = getattr(test, "test_case", test)  # a subtest belongs to its test
        if test.id() not in self._cases:
            # setUpClass and setUpModule are called "setUpClass (module.Class)", without a method.
            classname, _, name = test.id().rpartition(".") if "(" not in test.id() else ("", "", "")
            written = {
                "classname": classname or "setup",
                "name": name or test.id(),
                "time": "0.000",
            }
            self._cases[test.id()] = ET.SubElement(self.suite, "testcase", written)
        return self._cases[test.id()]

    def _note(self, test: unittest.TestCase, kind: str, message: str, text: str = "") -> None:
        case = self._case(test)
        message, text = _NOT_XML.sub("\ufffd", message), _NOT_XML.sub("\ufffd", text)
        # A test with several faults, such as a tearDown that fails too, is counted once.
        if len(case) == 0:
            ET.SubElement(case, kind, message=message)
        case[0].text = (case[0].text or "") + text


def main(folder: str, report: str) -> int:
    path = Path(report)
    path.unlink(missing_ok=True)  # a crash must not leave the report of an earlier run
    began, started = datetime.now(timezone.utc), time.perf_counter()
    tests = unittest.defaultTestLoader.discover(folder)
    result = unittest.TextTestRunner(resultclass=JUnitResult, verbosity=2).run(tests)
    suite = result.suite
    suite.set("name", folder)
    suite.set("timestamp", began.isoformat(timespec="seconds"))
    suite.set("time", f"{time.perf_counter() - started:.3f}")
    suite.set("tests", str(len(suite)))
    for total, kind in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
        suite.set(total, str(len(suite.findall(f"testcase/{kind}"))))
    root = ET.Element("testsuites")
    root.append(suite)
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return 0 if result.wasSuccessful() and len(suite) else 1  # no test at all proves nothing


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
