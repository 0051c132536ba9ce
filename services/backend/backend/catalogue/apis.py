"""GET /api/v1/items, GET /api/v1/items/<id>, POST /api/v1/quotes."""

import hashlib

from django.conf import settings
from django.http import JsonResponse
from django.views.decorators.http import etag

from backend.catalogue.filters import parse_item_query
from backend.catalogue.models import catalogue
from backend.catalogue.selectors import find_item, list_items
from backend.catalogue.services import make_quote
from backend.http.body import read_json_object
from backend.http.errors import ApiError
from backend.http.methods import allow_methods

QUOTE_BODY_LIMIT_BYTES = 64 * 1024


def answer_etag(request, **arguments):
    """Return the tag of this address's answer without rendering it; replicas of one version agree on it."""
    if "item_id" in arguments and find_item(arguments["item_id"]) is None:
        return None
    basis = "\n".join((settings.BACKEND_VERSION, catalogue().digest, request.get_full_path()))
    return f'"{hashlib.sha256(basis.encode("utf-8", "replace")).hexdigest()[:32]}"'


@allow_methods("GET", "HEAD")
@etag(answer_etag)
def item_list(request):
    found = list_items(parse_item_query(request.GET))
    return _revalidated(
        {
            "items": [_item_document(item) for item in found.items],
            "page": found.page,
            "pageSize": found.page_size,
            "pages": found.pages,
            "total": found.total,
        }
    )


@allow_methods("GET", "HEAD")
@etag(answer_etag)
def item_detail(request, item_id):
    item = find_item(item_id)
    if item is None:
        raise ApiError(404, "NOT_FOUND", "There is no item of this id.")
    return _revalidated(_item_document(item))


@allow_methods("POST")
def quote_create(request):
    # 200, not 201: nothing is created that could be asked for later.
    lines, total_cents = make_quote(document=read_json_object(request, QUOTE_BODY_LIMIT_BYTES))
    response = JsonResponse(
        {
            "lines": [
                {"itemId": item.id, "quantity": quantity, "priceCents": item.price_cents, "totalCents": cents}
                for item, quantity, cents in lines
            ],
            "totalCents": total_cents,
            "currency": catalogue().currency,
        }
    )
    response["Cache-Control"] = "no-store"
    return response


def _item_document(item):
    return {
        "id": item.id,
        "name": item.name,
        "category": item.category,
        "priceCents": item.price_cents,
        "currency": catalogue().currency,
        "inStock": item.in_stock,
    }


def _revalidated(document):
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False})
    # To be kept, but asked about each time: a new version changes the data at once.
    response["Cache-Control"] = "no-cache"
    return response
