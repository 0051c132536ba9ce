import io

from django.test import SimpleTestCase

from backend.diagnostics.apis import ECHO_BODY_LIMIT_BYTES


class DiagnosticsTest(SimpleTestCase):
    def test_whoami_names_the_instance_the_version_and_the_request(self):
        response = self.client.get("/api/v1/whoami", HTTP_X_REQUEST_ID="id-1")
        self.assertEqual(
            response.json(), {"instance": "backend-test", "version": "1.2.3-test", "requestId": "id-1"}
        )
        self.assertEqual(response["Cache-Control"], "no-store")

    def test_the_roots_of_the_api_say_what_is_there(self):
        for path in ["/api", "/api/"]:
            self.assertEqual(self.client.get(path).json(), {"service": "backend", "versions": ["v1"]})
        for path in ["/api/v1", "/api/v1/"]:
            self.assertIn("whoami", self.client.get(path).json()["resources"])

    def test_echo_shows_the_request_of_any_method(self):
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"]:
            with self.subTest(method=method):
                response = self.client.generic(
                    method, "/api/v1/echo/some/path?a=1&a=2&b=", b"h\xc3\xa9", "text/plain"
                )
                self.assertEqual(response.status_code, 200)
                document = response.json()
                self.assertEqual((document["method"], document["path"]), (method, "/api/v1/echo/some/path"))
                self.assertEqual(document["query"], {"a": ["1", "2"], "b": [""]})
                self.assertEqual(document["body"], {"bytes": 3, "encoding": "utf-8", "content": "hé"})

    def test_echo_masks_credentials_wherever_they_are(self):
        response = self.client.get(
            "/api/v1/echo?token=hidden-1",
            HTTP_AUTHORIZATION="Bearer hidden-2",
            HTTP_APIKEY="hidden-3",
            HTTP_COOKIE="session=hidden-4",
            HTTP_REFERER="https://x.example/?apikey=hidden-5",
        )
        self.assertNotIn("hidden", response.content.decode())
        self.assertEqual(response.json()["headers"]["authorization"], "***")

    def test_echo_returns_bytes_that_are_no_text_as_base64(self):
        response = self.client.post("/api/v1/echo", b"\xff\x00", "application/octet-stream")
        self.assertEqual(response.json()["body"], {"bytes": 2, "encoding": "base64", "content": "/wA="})

    def test_echo_takes_a_body_up_to_its_limit(self):
        response = self.client.post("/api/v1/echo", b"x" * ECHO_BODY_LIMIT_BYTES, "text/plain")
        self.assertEqual(response.json()["body"]["bytes"], ECHO_BODY_LIMIT_BYTES)
        response = self.client.post("/api/v1/echo", b"x" * (ECHO_BODY_LIMIT_BYTES + 1), "text/plain")
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (413, "PAYLOAD_TOO_LARGE"))

    def chunked(self, body):
        return self.client.generic(
            "POST",
            "/api/v1/echo",
            b"",
            "text/plain",
            **{
                "HTTP_TRANSFER_ENCODING": "chunked",
                "wsgi.input_terminated": True,
                "wsgi.input": io.BytesIO(body),
                "CONTENT_LENGTH": "",
            },
        )

    def test_echo_shows_a_body_that_came_in_chunks(self):
        self.assertEqual(self.chunked(b"in parts").json()["body"]["content"], "in parts")

    def test_the_limit_holds_for_chunks_too(self):
        self.assertEqual(self.chunked(b"x" * (ECHO_BODY_LIMIT_BYTES + 1)).status_code, 413)

    def test_a_query_of_too_many_parameters_is_refused(self):
        response = self.client.get("/api/v1/echo?" + "&".join("a=1" for _ in range(1001)))
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (400, "BAD_REQUEST"))
