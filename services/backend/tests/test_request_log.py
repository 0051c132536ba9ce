from unittest import mock

from django.test import SimpleTestCase, override_settings

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class RequestLogTest(SimpleTestCase):
    def logged(self, method, path, level="INFO", **headers):
        """Return (level, fields) of the one line that a request writes."""
        with self.assertLogs("backend.request", level) as logs:
            getattr(self.client, method)(path, **headers)
        [record] = logs.records
        return record.levelname, record.fields

    def test_a_request_writes_one_line_with_its_facts(self):
        level, fields = self.logged("get", "/api/v1/items/itm-001?a=1")
        self.assertEqual(level, "INFO")
        duration_ms = fields.pop("duration_ms")
        self.assertTrue(0 < duration_ms < 60_000)
        self.assertGreater(fields.pop("response_bytes"), 0)
        self.assertEqual(
            fields,
            {
                "method": "GET",
                "path": "/api/v1/items/itm-001",
                "query": "a=1",
                "route": "/api/v1/items/<str:item_id>",
                "status": 200,
            },
        )

    def test_credentials_in_the_query_are_masked(self):
        self.assertEqual(self.logged("get", "/api/v1/echo?apikey=hidden&a=1")[1]["query"], "apikey=***&a=1")

    def test_a_path_of_any_length_is_shortened(self):
        self.assertEqual(len(self.logged("get", f"/{'x' * 5000}")[1]["path"]), 512)

    @override_settings(DRILLS_ENABLED=True)
    def test_a_server_error_is_logged_as_an_error(self):
        level, fields = self.logged("get", "/api/v1/drills/status/503")
        self.assertEqual((level, fields["status"]), ("ERROR", 503))

    def test_a_client_error_is_not_an_error_of_the_backend(self):
        level, fields = self.logged("get", "/nothing")
        self.assertEqual((level, fields["status"], fields["route"]), ("INFO", 404, "unmatched"))

    def test_a_probe_of_the_container_is_quiet(self):
        self.assertEqual(self.logged("get", "/healthz/live", level="DEBUG")[0], "DEBUG")
        self.assertEqual(self.logged("get", "/metrics", level="DEBUG")[0], "DEBUG")

    def test_a_probe_through_the_gateway_is_logged_like_any_request(self):
        self.assertEqual(self.logged("get", "/healthz", HTTP_X_REQUEST_ID="from-gateway")[0], "INFO")

    def test_a_probe_that_fails_is_logged(self):
        with mock.patch("backend.health.selectors.count_items", return_value=0):
            level, fields = self.logged("get", "/healthz/ready")
        self.assertEqual((level, fields["status"]), ("ERROR", 503))

    def test_the_line_is_written_within_the_request_and_has_its_ids(self):
        from backend.telemetry.request_context import current_request

        seen = []
        with (
            mock.patch(
                "backend.telemetry.request_log.request_fields",
                side_effect=lambda *_: seen.append(current_request()) or {"method": "GET"},
            ),
            self.assertLogs("backend.request", "INFO"),
        ):
            self.client.get("/api/v1/whoami", HTTP_X_REQUEST_ID="id-9", HTTP_TRACEPARENT=TRACEPARENT)
        self.assertEqual((seen[0].request_id, seen[0].trace_id), ("id-9", TRACEPARENT[3:35]))
        self.assertIsNone(current_request().request_id)
