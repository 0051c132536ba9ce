from unittest import mock

from django.test import SimpleTestCase
from prometheus_client import REGISTRY

from backend.telemetry.metrics import IN_FLIGHT


class MetricsTest(SimpleTestCase):
    def requests(self, method, route, status):
        labels = {"method": method, "route": route, "status": status}
        return REGISTRY.get_sample_value("backend_http_requests_total", labels) or 0

    def counted(self, expected, send):
        before = self.requests(*expected)
        send()
        return self.requests(*expected) - before

    def test_a_request_is_counted_by_method_route_and_status(self):
        expected = ("GET", "/api/v1/items/<str:item_id>", "200")
        self.assertEqual(self.counted(expected, lambda: self.client.get("/api/v1/items/itm-001")), 1)

    def test_unknown_paths_share_one_label(self):
        def send():
            self.client.get("/one")
            self.client.get("/two")

        self.assertEqual(self.counted(("GET", "unmatched", "404"), send), 2)

    def test_invented_methods_share_one_label(self):
        def send():
            self.client.generic("FOO", "/api/v1/echo")
            self.client.generic("BAR", "/api/v1/echo")

        self.assertEqual(self.counted(("OTHER", "/api/v1/echo", "200"), send), 2)

    def test_failures_are_counted(self):
        def send():
            with mock.patch("backend.health.apis.readiness", side_effect=RuntimeError("cause")):
                self.client.get("/healthz/ready")

        self.assertEqual(self.counted(("GET", "/healthz/ready", "500"), send), 1)

    def test_durations_are_measured(self):
        labels = {"method": "GET", "route": "/api/v1/whoami"}
        name = "backend_http_request_duration_seconds_count"
        before = REGISTRY.get_sample_value(name, labels) or 0
        self.client.get("/api/v1/whoami")
        self.assertEqual(REGISTRY.get_sample_value(name, labels), before + 1)

    def test_a_request_is_in_flight_until_it_is_answered(self):
        seen = []

        def look():
            seen.append(REGISTRY.get_sample_value("backend_http_requests_in_flight"))
            raise RuntimeError("cause")

        with mock.patch("backend.health.apis.readiness", side_effect=look):
            self.client.get("/healthz/ready")
        self.assertEqual(seen, [1])
        self.assertEqual(IN_FLIGHT._value.get(), 0)

    def test_the_page_is_in_prometheus_own_format_and_says_what_runs(self):
        response = self.client.get("/metrics")
        self.assertTrue(response["Content-Type"].startswith("text/plain; version="))
        page = response.content.decode()
        self.assertRegex(
            page, r'backend_build_info\{.*instance_name="backend-test".*version="1\.2\.3-test"\} 1\.0'
        )
