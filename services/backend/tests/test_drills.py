import time

from django.test import SimpleTestCase, override_settings


class DrillsOffTest(SimpleTestCase):
    def test_drills_look_like_any_unknown_path(self):
        unknown = self.client.get("/api/v1/nothing", HTTP_X_REQUEST_ID="same")
        for path in ["status/503", "delay/1"]:
            response = self.client.get(f"/api/v1/drills/{path}", HTTP_X_REQUEST_ID="same")
            self.assertEqual((response.status_code, response.content), (404, unknown.content))


@override_settings(DRILLS_ENABLED=True)
class DrillsOnTest(SimpleTestCase):
    def test_a_status_is_answered_to_any_method(self):
        for status in [200, 201, 404, 418, 429, 500, 503, 599]:
            for method in ["get", "post", "delete"]:
                response = getattr(self.client, method)(f"/api/v1/drills/status/{status}")
                self.assertEqual(response.status_code, status)

    def test_a_drilled_error_has_the_common_shape(self):
        error = self.client.get("/api/v1/drills/status/503", HTTP_X_REQUEST_ID="d-1").json()["error"]
        self.assertEqual((error["code"], error["requestId"]), ("DRILL", "d-1"))

    def test_statuses_without_a_body_have_none(self):
        for status in [204, 205, 304]:
            self.assertEqual(self.client.get(f"/api/v1/drills/status/{status}").content, b"")

    def test_a_status_that_is_none_is_refused(self):
        for status in [0, 100, 199, 600, 99999]:
            response = self.client.get(f"/api/v1/drills/status/{status}")
            self.assertEqual(
                (response.status_code, response.json()["error"]["code"]), (400, "VALIDATION_FAILED")
            )

    def test_a_delay_takes_its_time(self):
        started = time.monotonic()
        response = self.client.get("/api/v1/drills/delay/60")
        self.assertGreaterEqual(time.monotonic() - started, 0.06)
        self.assertEqual(response.json()["delayMs"], 60)

    def test_a_delay_past_the_bound_is_refused_at_once(self):
        started = time.monotonic()
        self.assertEqual(self.client.get("/api/v1/drills/delay/30001").status_code, 400)
        self.assertLess(time.monotonic() - started, 10)
