"""Reading request bodies with a limit, whether they announce a length or come in chunks."""

import json

from backend.http.errors import ApiError


def read_body(request, limit_bytes):
    """Return the body as bytes. Raises ApiError 413 when it is longer than `limit_bytes`.

    Django reads Content-Length bytes, so a chunked body looks empty to it although gunicorn has
    decoded it: then the server's stream is read, which ends where the body ends.
    """
    if _is_chunked(request):
        body = _read_up_to(request.META["wsgi.input"], limit_bytes + 1)
    else:
        if _announced_bytes(request) > limit_bytes:
            raise _too_large(limit_bytes)
        body = request.body
    if len(body) > limit_bytes:
        raise _too_large(limit_bytes)
    return body


def read_json_object(request, limit_bytes):
    """Return the body, a JSON object, as a dict. Raises ApiError 400, 413 or 415."""
    if request.content_type != "application/json":
        raise ApiError(
            415, "UNSUPPORTED_MEDIA_TYPE", "The body must be JSON with Content-Type: application/json."
        )
    body = read_body(request, limit_bytes)
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    # ValueError covers broken UTF-8 and numbers past Python's digit limit as well;
    # RecursionError is raised by input that is nothing but opening brackets.
    except (ValueError, RecursionError):
        raise ApiError(400, "INVALID_JSON", "The body is not valid JSON in UTF-8.") from None
    if not isinstance(document, dict):
        raise ApiError(400, "INVALID_JSON", "The body must be a JSON object.")
    return document


def _is_chunked(request):
    has_chunks = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    return has_chunks and bool(request.META.get("wsgi.input_terminated"))


def _announced_bytes(request):
    value = request.META.get("CONTENT_LENGTH") or "0"
    return int(value) if value.isdigit() else 0


def _read_up_to(stream, count):
    parts, missing = [], count
    while missing > 0:
        part = stream.read(missing)
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _too_large(limit_bytes):
    return ApiError(413, "PAYLOAD_TOO_LARGE", f"The body is larger than {limit_bytes} bytes.")


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")
