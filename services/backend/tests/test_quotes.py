import json

from django.test import SimpleTestCase


class QuoteTest(SimpleTestCase):
    def post(self, body, content_type="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic("POST", "/api/v1/quotes", data, content_type)

    def assert_error(self, response, status, code):
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (status, code))

    def fields(self, body):
        response = self.post(body)
        self.assert_error(response, 400, "VALIDATION_FAILED")
        return {detail["field"] for detail in response.json()["error"]["details"]}

    def test_a_quote_adds_up_its_lines(self):
        response = self.post(
            {"lines": [{"itemId": "itm-001", "quantity": 2}, {"itemId": "itm-027", "quantity": 10}]}
        )
        self.assertEqual(response.status_code, 200, response.content)
        self.assertEqual(
            response.json(),
            {
                "lines": [
                    {"itemId": "itm-001", "quantity": 2, "priceCents": 45900, "totalCents": 91800},
                    {"itemId": "itm-027", "quantity": 10, "priceCents": 1290, "totalCents": 12900},
                ],
                "totalCents": 104700,
                "currency": "EUR",
            },
        )

    def test_every_field_that_cannot_be_used_is_named(self):
        lines = [
            {"itemId": "itm-999", "quantity": 0},
            {"itemId": 7, "quantity": True, "colour": "red"},
            "not an object",
            {"itemId": "itm-007", "quantity": 1.5},
        ]
        self.assertEqual(
            self.fields({"lines": lines, "note": "x"}),
            {
                "note",
                "lines[0].itemId",
                "lines[0].quantity",
                "lines[1].itemId",
                "lines[1].quantity",
                "lines[1].colour",
                "lines[2]",
                "lines[3].itemId",
                "lines[3].quantity",
            },
        )

    def test_a_quote_needs_between_one_and_a_hundred_lines(self):
        line = {"itemId": "itm-001", "quantity": 1}
        for lines in [None, {}, [], [line] * 101]:
            self.assertEqual(self.fields({"lines": lines}), {"lines"})
        self.assertEqual(self.post({"lines": [line] * 100}).status_code, 200)

    def test_a_body_that_is_no_json_object_is_refused(self):
        for body in [b" ", b"{", b"\xff", b"[]", b"null", b'{"lines": NaN}', b"[" * 50_000, b"1" * 5000]:
            with self.subTest(body=body[:20]):
                self.assert_error(self.post(body), 400, "INVALID_JSON")

    def test_another_media_type_is_refused(self):
        self.assert_error(self.post({}, "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")

    def test_a_parameter_of_the_media_type_is_accepted(self):
        body = {"lines": [{"itemId": "itm-001", "quantity": 1}]}
        self.assertEqual(self.post(body, "application/json; charset=utf-8").status_code, 200)

    def test_a_body_past_the_limit_is_refused(self):
        self.assert_error(self.post(b" " * (64 * 1024 + 1)), 413, "PAYLOAD_TOO_LARGE")
