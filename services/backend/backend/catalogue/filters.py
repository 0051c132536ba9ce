"""Query parameters of the item list: parsed strictly, all problems told at once."""

import re
from dataclasses import dataclass

from backend.http.errors import ApiError

DEFAULT_PAGE_SIZE = 20
LARGEST_PAGE_SIZE = 100
HIGHEST_NUMBER = 1_000_000_000
SORT_KEYS = ("id", "name", "priceCents")


@dataclass(frozen=True)
class ItemQuery:
    """What a client asks of the list. `descending` belongs to `sort_by`."""

    page: int = 1
    page_size: int = DEFAULT_PAGE_SIZE
    category: str | None = None
    text: str | None = None
    in_stock: bool | None = None
    lowest_price_cents: int | None = None
    highest_price_cents: int | None = None
    sort_by: str = "id"
    descending: bool = False


def parse_item_query(parameters):
    """Return the ItemQuery in `parameters` (a QueryDict). Raises ApiError 400 with every problem."""
    parser = _Parser(parameters)
    sort = parser.choice("sort", [sign + key for key in SORT_KEYS for sign in ("", "-")]) or "id"
    query = ItemQuery(
        page=parser.number("page", 1, HIGHEST_NUMBER, 1),
        page_size=parser.number("pageSize", 1, LARGEST_PAGE_SIZE, DEFAULT_PAGE_SIZE),
        category=parser.text("category"),
        text=parser.text("q"),
        in_stock={"true": True, "false": False}.get(parser.choice("inStock", ["true", "false"])),
        lowest_price_cents=parser.number("minPriceCents", 0, HIGHEST_NUMBER, None),
        highest_price_cents=parser.number("maxPriceCents", 0, HIGHEST_NUMBER, None),
        sort_by=sort.lstrip("-"),
        descending=sort.startswith("-"),
    )
    parser.refuse_unknown()
    if parser.problems:
        raise ApiError(
            400, "VALIDATION_FAILED", "The query has parameters that cannot be used.", parser.problems
        )
    return query


class _Parser:
    def __init__(self, parameters):
        self._parameters = parameters
        self._known = set()
        self.problems = []

    def _problem(self, field, message):
        self.problems.append({"field": field, "message": message})

    def text(self, name):
        self._known.add(name)
        values = self._parameters.getlist(name)
        if len(values) > 1:
            self._problem(name, "must be given once")
            return None
        if values and not 1 <= len(values[0]) <= 100:
            self._problem(name, "must have 1 to 100 characters")
            return None
        return values[0] if values else None

    def choice(self, name, choices):
        value = self.text(name)
        if value is not None and value not in choices:
            self._problem(name, f"must be one of {', '.join(choices)}")
            return None
        return value

    def number(self, name, lowest, highest, default):
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,10}", value) or not lowest <= int(value) <= highest:
            self._problem(name, f"must be a whole number from {lowest} to {highest}")
            return default
        return int(value)

    def refuse_unknown(self):
        # A misspelt filter that is ignored returns everything, which looks like an answer.
        for name in self._parameters:
            if name not in self._known:
                self._problem(name[:100], f"is not known; known are {', '.join(sorted(self._known))}")
