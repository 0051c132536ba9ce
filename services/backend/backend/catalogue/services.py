"""Working out a quote: a pure computation over the catalogue, stored nowhere."""

from backend.catalogue.selectors import find_item
from backend.http.errors import ApiError

MOST_LINES = 100
LARGEST_QUANTITY = 1000


def make_quote(*, document):
    """Return (lines, total_cents) for {"lines": [{"itemId", "quantity"}]}; a line is (Item, quantity, cents).

    Raises ApiError 400 that names every field that cannot be used.
    """
    problems = [
        {"field": name[:100], "message": "is not known; known is lines"}
        for name in document
        if name != "lines"
    ]
    rows = document.get("lines")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_LINES:
        problems.append({"field": "lines", "message": f"must be a list of 1 to {MOST_LINES} lines"})
        rows = []
    lines = [_checked_line(row, f"lines[{index}]", problems) for index, row in enumerate(rows)]
    if problems:
        raise ApiError(400, "VALIDATION_FAILED", "The quote has fields that cannot be used.", problems)
    priced = [(item, quantity, item.price_cents * quantity) for item, quantity in lines]
    return priced, sum(cents for _, _, cents in priced)


def _checked_line(row, field, problems):
    if not isinstance(row, dict):
        problems.append({"field": field, "message": "must be an object with itemId and quantity"})
        return None, None
    for name in row:
        if name not in ("itemId", "quantity"):
            problems.append({"field": f"{field}.{name[:100]}", "message": "is not known"})
    item_id, quantity = row.get("itemId"), row.get("quantity")
    item = find_item(item_id) if isinstance(item_id, str) else None
    if item is None:
        problems.append({"field": f"{field}.itemId", "message": "must be the id of an item"})
    elif not item.in_stock:
        problems.append({"field": f"{field}.itemId", "message": "is not in stock"})
    # bool is a kind of int in Python, not in JSON.
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= LARGEST_QUANTITY:
        problems.append(
            {"field": f"{field}.quantity", "message": f"must be a whole number from 1 to {LARGEST_QUANTITY}"}
        )
    return item, quantity
