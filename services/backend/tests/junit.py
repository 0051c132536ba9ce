"""The results of a unittest run as JUnit XML."""

import re
import time
import unittest
from xml.etree import ElementTree

# XML 1.0 has no place for these, not even escaped.
UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class RecordingResult(unittest.TextTestResult):
    """Keeps for each test its name, its seconds and how it ended: (kind, text) or None for passed."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.records = []
        self._started = 0.0
        self._ending = None

    def startTest(self, test):
        super().startTest(test)
        self._started = time.perf_counter()
        self._ending = None

    def stopTest(self, test):
        super().stopTest(test)
        self.records.append((test.id(), time.perf_counter() - self._started, self._ending))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._end(test, "failure", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._end(test, "error", self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._ending = ("skipped", reason)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._ending = ("failure", "succeeded although it was expected to fail")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._ending = ("failure", f"{subtest}: {self._exc_info_to_string(err, test)}")

    def _end(self, test, kind, text):
        if isinstance(test, unittest.TestCase):
            self._ending = (kind, text)
        else:
            # setUpClass or a module failed: no test of it is started, so this is its only trace.
            self.records.append((test.id(), 0.0, (kind, text)))


def junit_document(records):
    """Return the records of a RecordingResult as an XML element."""
    kinds = [ending[0] for _, _, ending in records if ending]
    root = ElementTree.Element(
        "testsuite",
        name="backend",
        tests=str(len(records)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=f"{sum(seconds for _, seconds, _ in records):.3f}",
    )
    for identifier, seconds, ending in records:
        class_name, _, method = identifier.rpartition(".")
        case = ElementTree.SubElement(
            root, "testcase", classname=class_name, name=sentence(method), time=f"{seconds:.3f}"
        )
        if ending:
            kind, text = ending
            text = UNPRINTABLE.sub("?", text)
            # The last line of a traceback is its message.
            ElementTree.SubElement(case, kind, message=text.strip().rpartition("\n")[2]).text = text
    return root


def sentence(method):
    """Return test_a_thing_happens as "a thing happens"."""
    return method.removeprefix("test_").replace("_", " ")


def write_junit(result, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    tree = ElementTree.ElementTree(junit_document(result.records))
    tree.write(path, encoding="utf-8", xml_declaration=True)
