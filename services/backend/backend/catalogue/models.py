"""The nouns of the catalogue, and the data they come from."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

DATA_FILE = Path(__file__).parent / "data" / "items.json"


@dataclass(frozen=True)
class Item:
    """Something for sale. Prices are whole cents: sums of floats would not be exact."""

    id: str
    name: str
    category: str
    price_cents: int
    in_stock: bool


@dataclass(frozen=True)
class Catalogue:
    """All items by id, and a digest of the data that is the same in every replica."""

    currency: str
    items: dict[str, Item]
    digest: str


def parse_catalogue(data):
    """Return the Catalogue in `data` (bytes of JSON). Raises ValueError when an id occurs twice."""
    document = json.loads(data)
    items = {}
    for row in document["items"]:
        item = Item(row["id"], row["name"], row["category"], row["priceCents"], row["inStock"])
        if item.id in items:
            raise ValueError(f"the catalogue has two items with the id {item.id!r}")
        items[item.id] = item
    return Catalogue(document["currency"], items, hashlib.sha256(data).hexdigest())


@lru_cache(maxsize=1)
def catalogue():
    """Return the catalogue that is shipped with the application; read once per process."""
    return parse_catalogue(DATA_FILE.read_bytes())
