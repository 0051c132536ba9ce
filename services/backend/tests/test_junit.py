import unittest

from tests.junit import junit_document, sentence


class JUnitTest(unittest.TestCase):
    def test_every_ending_is_counted_and_told(self):
        document = junit_document(
            [
                ("tests.test_x.XTest.test_it_works", 0.25, None),
                (
                    "tests.test_x.XTest.test_it_breaks",
                    0.5,
                    ("failure", "Traceback\nAssertionError: 1 != 2\x00"),
                ),
                ("tests.test_x.XTest.test_it_crashes", 0, ("error", "KeyError: 'a'")),
                ("tests.test_x.XTest.test_it_waits", 0, ("skipped", "no time")),
            ]
        )
        counts = {name: document.get(name) for name in ["tests", "failures", "errors", "skipped", "time"]}
        self.assertEqual(
            counts, {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "0.750"}
        )
        passed, failed, *_ = document
        self.assertEqual((passed.get("classname"), passed.get("name")), ("tests.test_x.XTest", "it works"))
        self.assertEqual(failed.find("failure").get("message"), "AssertionError: 1 != 2?")

    def test_a_test_is_named_by_a_sentence(self):
        self.assertEqual(sentence("test_a_thing_happens"), "a thing happens")
