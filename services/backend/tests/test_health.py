from unittest import mock

from django.test import SimpleTestCase


class HealthTest(SimpleTestCase):
    def test_live_says_only_that_the_process_answers(self):
        response = self.client.get("/healthz/live")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.json(), {"status": "live", "instance": "backend-test", "version": "1.2.3-test"}
        )

    def test_ready_and_its_short_form_say_what_was_checked(self):
        for path in ["/healthz", "/healthz/ready"]:
            with self.subTest(path=path):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json()["checks"], {"catalogue": "ok"})

    def test_without_data_the_instance_is_not_ready_but_alive(self):
        with mock.patch("backend.health.selectors.count_items", return_value=0):
            response = self.client.get("/healthz/ready")
            self.assertEqual((response.status_code, response.json()["status"]), (503, "not ready"))
            self.assertEqual(self.client.get("/healthz/live").status_code, 200)

    def test_no_health_answer_may_be_cached(self):
        self.assertEqual(self.client.get("/healthz")["Cache-Control"], "no-store")
