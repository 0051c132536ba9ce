"""A request described as data, credentials masked."""

import base64
from urllib.parse import parse_qsl

from backend.telemetry.masking import MASK, is_sensitive, mask_headers


def describe_request(request, body):
    """Return method, path, headers, query ({name: [values]}) and body of `request`."""
    return {
        "method": request.method,
        "path": request.path,
        "headers": mask_headers(request.headers),
        "query": _described_query(request.META.get("QUERY_STRING", "")),
        "body": _described_body(body),
    }


def _described_query(query):
    described = {}
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=1000):
        described.setdefault(name, []).append(MASK if is_sensitive(name) else value)
    return described


def _described_body(body):
    try:
        return {"bytes": len(body), "encoding": "utf-8", "content": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"bytes": len(body), "encoding": "base64", "content": base64.b64encode(body).decode("ascii")}
