import json
import logging
import sys
import unittest

from backend.telemetry.json_lines import STACK_LIMIT, JsonLineFormatter, utc_milliseconds
from backend.telemetry.request_context import RequestContext, entered


def formatted(message, exc_info=None, **context):
    record = logging.LogRecord("some.logger", logging.WARNING, __file__, 1, message, None, exc_info)
    with entered(RequestContext(**context)):
        return JsonLineFormatter("backend-1", "1.0.0").format(record)


class JsonLineFormatterTest(unittest.TestCase):
    def test_a_line_says_when_how_bad_who_and_what(self):
        line = json.loads(formatted("it happened"))
        self.assertRegex(line.pop("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(
            line,
            {
                "level": "warning",
                "logger": "some.logger",
                "message": "it happened",
                "service": "backend",
                "instance": "backend-1",
                "version": "1.0.0",
            },
        )

    def test_times_are_utc_with_milliseconds(self):
        self.assertEqual(utc_milliseconds(0), "1970-01-01T00:00:00.000Z")
        self.assertEqual(utc_milliseconds(1700000000.5), "2023-11-14T22:13:20.500Z")

    def test_a_line_inside_a_request_has_its_ids(self):
        line = json.loads(formatted("x", request_id="id-1", trace_id="ab" * 16))
        self.assertEqual((line["request_id"], line["trace_id"]), ("id-1", "ab" * 16))

    def test_line_breaks_in_a_message_stay_inside_the_line(self):
        text = formatted('first\nsecond\r\n{"level":"critical"}')
        self.assertEqual(len(text.splitlines()), 1)
        self.assertEqual(json.loads(text)["message"], 'first\nsecond\r\n{"level":"critical"}')

    def test_an_exception_is_told_with_type_message_and_the_end_of_its_stack(self):
        def recurse(depth):
            if depth == 0:
                raise ValueError("deep down")
            recurse_other(depth)

        def recurse_other(depth):
            recurse(depth - 1)

        try:
            recurse(60)
        except ValueError:
            error = json.loads(formatted("failed", exc_info=sys.exc_info()))["error"]
        self.assertEqual((error["type"], error["message"]), ("ValueError", "deep down"))
        self.assertIn("ValueError: deep down", error["stack"])
        self.assertLessEqual(len(error["stack"]), STACK_LIMIT + 1)
