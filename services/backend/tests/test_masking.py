import unittest

from backend.telemetry.masking import is_sensitive, mask_headers, mask_query


class MaskingTest(unittest.TestCase):
    def test_names_that_carry_credentials_are_recognised(self):
        names = [
            "Authorization",
            "Proxy-Authorization",
            "apikey",
            "X-API-Key",
            "api_key",
            "access_token",
            "Cookie",
            "Set-Cookie",
            "client_secret",
            "password",
            "X-Auth-Token",
            "sig",
            "key",
            "X-Amz-Signature",
            "sessionid",
        ]
        for name in names:
            with self.subTest(name=name):
                self.assertTrue(is_sensitive(name))

    def test_ordinary_names_are_left_alone(self):
        for name in ["author", "category", "keyboard", "pageSize", "User-Agent", "X-Request-ID", "barcode"]:
            with self.subTest(name=name):
                self.assertFalse(is_sensitive(name))

    def test_a_query_keeps_everything_but_the_credentials(self):
        self.assertEqual(
            mask_query("a=1&apikey=hidden&b=%20x&flag&token=&a=2"), "a=1&apikey=***&b=%20x&flag&token=***&a=2"
        )

    def test_an_encoded_name_is_recognised(self):
        self.assertEqual(mask_query("api%6Bey=hidden"), "api%6Bey=***")

    def test_an_empty_query_stays_empty(self):
        self.assertEqual(mask_query(""), "")

    def test_the_query_of_a_referer_is_masked(self):
        masked = mask_headers({"Referer": "https://x.example/p?token=hidden&a=1", "Accept": "*/*"})
        self.assertEqual(masked, {"accept": "*/*", "referer": "https://x.example/p?token=***&a=1"})
