import unittest
import uuid

from django.test import SimpleTestCase

from backend.http.request_identity import sound_request_id, trace_id_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class RequestIdTest(SimpleTestCase):
    def test_the_gateways_id_is_kept_and_returned(self):
        response = self.client.get("/api/v1/whoami", HTTP_X_REQUEST_ID="0a1b-2c#7")
        self.assertEqual(response["X-Request-ID"], "0a1b-2c#7")
        self.assertEqual(response.json()["requestId"], "0a1b-2c#7")

    def test_a_missing_id_is_made(self):
        response = self.client.get("/api/v1/whoami")
        self.assertEqual(str(uuid.UUID(response["X-Request-ID"])), response["X-Request-ID"])

    def test_an_id_that_could_do_harm_is_replaced(self):
        harmful = [
            "",
            "a b",
            'x","level":"critical',
            "a\nb",
            "a\r\nSet-Cookie: x=1",
            "a,b",
            "é",
            "<b>",
            "x" * 129,
        ]
        for value in harmful:
            with self.subTest(value=value):
                self.assertIsNone(sound_request_id(value))
                response = self.client.get("/api/v1/whoami", HTTP_X_REQUEST_ID=value)
                self.assertEqual(len(response["X-Request-ID"]), 36)

    def test_error_pages_carry_the_id_too(self):
        response = self.client.get("/nothing", HTTP_X_REQUEST_ID="id-404")
        self.assertEqual(response["X-Request-ID"], "id-404")
        self.assertEqual(response.json()["error"]["requestId"], "id-404")


class TraceIdTest(unittest.TestCase):
    def test_the_trace_id_of_a_valid_traceparent_is_taken(self):
        self.assertEqual(trace_id_of(f"00-{TRACE}-{PARENT}-01"), TRACE)

    def test_a_later_version_may_have_more_fields(self):
        self.assertEqual(trace_id_of(f"01-{TRACE}-{PARENT}-01-more"), TRACE)

    def test_an_invalid_traceparent_is_ignored(self):
        invalid = [
            None,
            "",
            TRACE,
            f"ff-{TRACE}-{PARENT}-01",
            f"00-{TRACE}-{PARENT}-01-more",
            f"00-{'0' * 32}-{PARENT}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE.upper()}-{PARENT}-01",
            f"00-{TRACE}-{PARENT}-01\n",
        ]
        for value in invalid:
            with self.subTest(value=value):
                self.assertIsNone(trace_id_of(value))
