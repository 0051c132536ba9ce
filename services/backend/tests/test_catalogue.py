import json
import unittest

from django.test import SimpleTestCase, override_settings

from backend.catalogue.models import DATA_FILE, catalogue, parse_catalogue


class ItemListTest(SimpleTestCase):
    def listed(self, query=""):
        response = self.client.get(f"/api/v1/items{query}")
        self.assertEqual(response.status_code, 200, response.content)
        return response.json()

    def problems(self, query):
        response = self.client.get(f"/api/v1/items{query}")
        self.assertEqual(response.status_code, 400, response.content)
        error = response.json()["error"]
        self.assertEqual(error["code"], "VALIDATION_FAILED")
        return {detail["field"]: detail["message"] for detail in error["details"]}

    def test_the_pages_together_hold_every_item_once(self):
        first = self.listed("?pageSize=7")
        seen = []
        for page in range(1, first["pages"] + 1):
            seen += [item["id"] for item in self.listed(f"?pageSize=7&page={page}")["items"]]
        self.assertEqual(seen, sorted(catalogue().items))
        self.assertEqual(first["total"], len(seen))

    def test_a_page_past_the_end_is_empty(self):
        page = self.listed("?page=1000")
        self.assertEqual((page["items"], page["page"]), ([], 1000))

    def test_filters_hold_together(self):
        page = self.listed("?category=lamps&minPriceCents=5000&maxPriceCents=12000&inStock=true&pageSize=100")
        self.assertGreater(page["total"], 0)
        for item in page["items"]:
            self.assertEqual((item["category"], item["inStock"]), ("lamps", True))
            self.assertTrue(5000 <= item["priceCents"] <= 12000)

    def test_the_text_filter_ignores_case(self):
        self.assertEqual([item["name"] for item in self.listed("?q=CAFÉ")["items"]], ["Café chair"])

    def test_items_are_sorted_as_asked(self):
        prices = [item["priceCents"] for item in self.listed("?sort=-priceCents&pageSize=100")["items"]]
        self.assertEqual(prices, sorted(prices, reverse=True))

    def test_all_wrong_parameters_are_told_at_once(self):
        problems = self.problems(
            "?page=0&pageSize=101&sort=colour&inStock=maybe&minPriceCents=1e3&colour=red&q="
        )
        self.assertEqual(
            set(problems), {"page", "pageSize", "sort", "inStock", "minPriceCents", "colour", "q"}
        )

    def test_a_parameter_given_twice_is_refused(self):
        self.assertEqual(self.problems("?page=1&page=2"), {"page": "must be given once"})

    def test_digits_of_other_scripts_are_not_numbers(self):
        self.assertIn("page", self.problems("?page=%D9%A3"))

    def test_there_is_nothing_to_write_to(self):
        for method in ["post", "put", "patch", "delete"]:
            with self.subTest(method=method):
                response = getattr(self.client, method)("/api/v1/items")
                self.assertEqual((response.status_code, response["Allow"]), (405, "GET, HEAD, OPTIONS"))

    def test_an_unchanged_list_is_not_sent_again(self):
        tag = self.client.get("/api/v1/items?page=2")["ETag"]
        again = self.client.get("/api/v1/items?page=2", HTTP_IF_NONE_MATCH=tag)
        self.assertEqual((again.status_code, again.content, again["ETag"]), (304, b"", tag))
        other = self.client.get("/api/v1/items?page=1", HTTP_IF_NONE_MATCH=tag)
        self.assertEqual(other.status_code, 200)

    def test_replicas_of_one_version_give_one_tag_and_another_version_another(self):
        with override_settings(INSTANCE_NAME="backend-1"):
            one = self.client.get("/api/v1/items")["ETag"]
        with override_settings(INSTANCE_NAME="backend-2"):
            two = self.client.get("/api/v1/items")["ETag"]
        with override_settings(BACKEND_VERSION="9.9.9"):
            newer = self.client.get("/api/v1/items")["ETag"]
        self.assertEqual(one, two)
        self.assertNotEqual(one, newer)


class ItemDetailTest(SimpleTestCase):
    def test_an_item_is_found_by_its_id(self):
        self.assertEqual(
            self.client.get("/api/v1/items/itm-001").json(),
            {
                "id": "itm-001",
                "name": "Oak writing desk",
                "category": "desks",
                "priceCents": 45900,
                "currency": "EUR",
                "inStock": True,
            },
        )

    def test_an_unknown_item_is_not_found_whatever_the_condition(self):
        for headers in [{}, {"HTTP_IF_NONE_MATCH": "*"}]:
            response = self.client.get("/api/v1/items/itm-999", **headers)
            self.assertEqual((response.status_code, response.json()["error"]["code"]), (404, "NOT_FOUND"))
            self.assertNotIn("ETag", response)

    def test_head_says_what_get_would_send_without_sending_it(self):
        get = self.client.get("/api/v1/items/itm-002")
        head = self.client.head("/api/v1/items/itm-002")
        self.assertEqual((head.status_code, head.content, head["ETag"]), (200, b"", get["ETag"]))
        self.assertEqual(head["Content-Length"], str(len(get.content)))

    def test_options_says_what_is_allowed(self):
        response = self.client.options("/api/v1/items/itm-002")
        self.assertEqual((response.status_code, response["Allow"]), (204, "GET, HEAD, OPTIONS"))


class CatalogueDataTest(unittest.TestCase):
    def test_the_shipped_data_is_sound(self):
        shipped = parse_catalogue(DATA_FILE.read_bytes())
        self.assertGreaterEqual(len(shipped.items), 30)
        for item in shipped.items.values():
            self.assertRegex(item.id, r"^itm-\d{3}$")
            self.assertTrue(item.name and item.category)
            self.assertIs(type(item.price_cents), int)
            self.assertIs(type(item.in_stock), bool)
            self.assertGreater(item.price_cents, 0)

    def test_an_id_that_occurs_twice_is_refused(self):
        row = {"id": "itm-001", "name": "x", "category": "y", "priceCents": 1, "inStock": True}
        with self.assertRaisesRegex(ValueError, "itm-001"):
            parse_catalogue(json.dumps({"currency": "EUR", "items": [row, row]}).encode())
