from unittest import mock

from django.test import SimpleTestCase, override_settings


class ErrorPagesTest(SimpleTestCase):
    def assert_shape(self, response, status, code):
        self.assertEqual(response.status_code, status)
        self.assertEqual(response["Content-Type"], "application/json")
        self.assertEqual(response["Cache-Control"], "no-store")
        error = response.json()["error"]
        self.assertEqual(set(error), {"code", "message", "requestId"})
        self.assertEqual((error["code"], error["requestId"]), (code, response["X-Request-ID"]))

    def test_an_unknown_path(self):
        for path in ["/", "/nothing", "/api/v2", "/healthz/", "/api/v1/items/"]:
            with self.subTest(path=path):
                self.assert_shape(self.client.get(path), 404, "NOT_FOUND")

    def test_a_refused_method(self):
        response = self.client.post("/api/v1/whoami")
        self.assert_shape(response, 405, "METHOD_NOT_ALLOWED")
        self.assertEqual(response["Allow"], "GET, HEAD, OPTIONS")

    @override_settings(ALLOWED_HOSTS=["api.example"])
    def test_a_refused_host(self):
        self.assert_shape(self.client.get("/api/v1/whoami", HTTP_HOST="evil.example"), 400, "BAD_REQUEST")

    def test_a_failing_view_tells_its_cause_to_the_log_and_not_to_the_client(self):
        self.client.raise_request_exception = False
        with (
            mock.patch("backend.health.apis.readiness", side_effect=RuntimeError("hidden cause")),
            self.assertLogs("backend.errors", "ERROR") as logs,
        ):
            response = self.client.get("/healthz/ready")
        self.assert_shape(response, 500, "INTERNAL_ERROR")
        self.assertNotIn("hidden cause", response.content.decode())
        [record] = logs.records
        self.assertEqual(str(record.exc_info[1]), "hidden cause")

    def test_a_failure_outside_of_the_view_has_the_same_page(self):
        self.client.raise_request_exception = False
        with mock.patch(
            "django.middleware.common.CommonMiddleware.process_request",
            side_effect=RuntimeError("hidden cause"),
        ):
            response = self.client.get("/api/v1/whoami")
        self.assert_shape(response, 500, "INTERNAL_ERROR")


class SecurityHeadersTest(SimpleTestCase):
    def test_every_answer_carries_them(self):
        for path in ["/api/v1/whoami", "/nothing", "/metrics"]:
            with self.subTest(path=path):
                headers = self.client.get(path).headers
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(headers["X-Frame-Options"], "DENY")
                self.assertEqual(headers["Referrer-Policy"], "no-referrer")
                self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
                self.assertNotIn("Set-Cookie", headers)
