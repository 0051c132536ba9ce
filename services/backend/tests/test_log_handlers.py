import io
import json
import logging
import os
import tempfile
import unittest
from pathlib import Path

from backend.telemetry.json_lines import JsonLineFormatter
from backend.telemetry.log_handlers import DescriptorHandler, RotatedFileHandler


def record(message):
    return logging.LogRecord("test", logging.INFO, __file__, 1, message, None, None)


class RotatedFileHandlerTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "backend-1.ndjson"
        self.errors = io.StringIO()
        self.lost = 0

    def handler(self, path):
        handler = RotatedFileHandler(path, on_lost=self.count_lost, error_stream=self.errors)
        handler.setFormatter(JsonLineFormatter("backend-1", "1.0.0"))
        self.addCleanup(handler.close)
        return handler

    def count_lost(self):
        self.lost += 1

    def messages(self, path):
        return [json.loads(line)["message"] for line in path.read_text(encoding="utf-8").splitlines()]

    def test_lines_are_appended_to_what_is_there(self):
        self.path.write_text('{"message": "earlier"}\n', encoding="utf-8")
        self.handler(self.path).emit(record("later"))
        self.assertEqual(self.messages(self.path), ["earlier", "later"])

    def test_a_renamed_file_is_followed_by_a_new_one(self):
        handler = self.handler(self.path)
        handler.emit(record("one"))
        rotated = self.path.with_suffix(".1")
        self.path.rename(rotated)
        handler.emit(record("two"))
        handler.emit(record("three"))
        self.assertEqual(self.messages(rotated), ["one"])
        self.assertEqual(self.messages(self.path), ["two", "three"])

    def test_a_file_that_another_process_made_anew_is_taken_over(self):
        handler = self.handler(self.path)
        handler.emit(record("one"))
        self.path.rename(self.path.with_suffix(".1"))
        self.path.write_text('{"message": "of the other"}\n', encoding="utf-8")
        handler.emit(record("two"))
        self.assertEqual(self.messages(self.path), ["of the other", "two"])

    def test_a_full_disk_is_told_once_and_each_lost_line_counted(self):
        handler = self.handler("/dev/full")
        for _ in range(3):
            handler.emit(record("lost"))
        self.assertEqual(self.lost, 3)
        [line] = self.errors.getvalue().splitlines()
        notice = json.loads(line)
        self.assertEqual(notice["level"], "error")
        self.assertIn("/dev/full (No space left on device)", notice["message"])

    def test_writing_goes_on_once_the_directory_is_back_and_a_new_failure_is_told_again(self):
        directory = self.path.parent / "later"
        handler = self.handler(directory / "backend-1.ndjson")
        handler.emit(record("lost"))
        directory.mkdir()
        handler.emit(record("kept"))
        self.assertEqual(self.messages(directory / "backend-1.ndjson"), ["kept"])
        (directory / "backend-1.ndjson").unlink()
        directory.rmdir()
        handler.emit(record("lost"))
        self.assertEqual(self.lost, 2)
        self.assertEqual(len(self.errors.getvalue().splitlines()), 2)

    def test_a_symbolic_link_in_the_shared_directory_is_not_followed(self):
        target = self.path.with_name("target")
        target.write_text("", encoding="utf-8")
        self.path.symlink_to(target)
        self.handler(self.path).emit(record("lost"))
        self.assertEqual((self.lost, target.read_text(encoding="utf-8")), (1, ""))

    def test_a_torn_line_does_not_spoil_the_next_one(self):
        handler = self.handler(self.path)
        handler.emit(record("one"))
        whole_write = os.write

        def short_write(descriptor, data):
            return whole_write(descriptor, data[:10])

        os.write = short_write
        try:
            handler.emit(record("two"))
        finally:
            os.write = whole_write
        handler.emit(record("three"))
        first, torn, third = self.path.read_text(encoding="utf-8").splitlines()
        self.assertEqual(json.loads(first)["message"], "one")
        self.assertEqual(len(torn), 10)
        self.assertEqual(json.loads(third)["message"], "three")
        self.assertEqual(self.lost, 1)

    def test_text_that_has_no_utf8_form_does_not_lose_the_line(self):
        handler = self.handler(self.path)
        handler.emit(record("half a pair: \ud800"))
        self.assertEqual(self.messages(self.path), ["half a pair: ?"])

    def test_a_closed_standard_output_does_not_raise(self):
        reading, writing = os.pipe()
        os.close(reading)
        handler = DescriptorHandler(writing)
        handler.setFormatter(JsonLineFormatter("backend-1", "1.0.0"))
        handler.emit(record("to nobody"))
        os.close(writing)
