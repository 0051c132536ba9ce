"""Reading the catalogue."""

from dataclasses import dataclass

from backend.catalogue.models import Item, catalogue

SORT_VALUES = {
    "id": lambda item: item.id,
    # The id makes the order of equal names and prices the same on every page and in every replica.
    "name": lambda item: (item.name.casefold(), item.id),
    "priceCents": lambda item: (item.price_cents, item.id),
}


@dataclass(frozen=True)
class ItemPage:
    """One page of a list, and how many items and pages there are in all."""

    items: list[Item]
    page: int
    page_size: int
    total: int

    @property
    def pages(self):
        return -(-self.total // self.page_size)


def count_items():
    return len(catalogue().items)


def find_item(item_id):
    """Return the Item of this id, or None."""
    return catalogue().items.get(item_id)


def list_items(query):
    """Return the ItemPage for an ItemQuery. A page past the end is empty, not an error."""
    found = [item for item in catalogue().items.values() if _matches(item, query)]
    found.sort(key=SORT_VALUES[query.sort_by], reverse=query.descending)
    start = (query.page - 1) * query.page_size
    return ItemPage(found[start : start + query.page_size], query.page, query.page_size, len(found))


def _matches(item, query):
    return (
        (query.category is None or item.category == query.category)
        and (query.text is None or query.text.casefold() in item.name.casefold())
        and (query.in_stock is None or item.in_stock == query.in_stock)
        and (query.lowest_price_cents is None or item.price_cents >= query.lowest_price_cents)
        and (query.highest_price_cents is None or item.price_cents <= query.highest_price_cents)
    )
