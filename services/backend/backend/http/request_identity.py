"""Gives every request its id: the gateway's X-Request-ID when it is sound, a new one otherwise."""

import re
import uuid

from backend.telemetry.request_context import RequestContext, entered

REQUEST_ID_HEADER = "X-Request-ID"

# All forms that the gateway's correlation-id plugin makes (uuid, uuid#counter, tracker) and little
# else: no blanks, quotes, commas or control characters, so that an id from outside can neither
# break out of a log line nor add a header. A repeated header arrives joined by a comma: refused.
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#+/=@-]{0,127}")

# W3C Trace Context: version, trace id, parent id, flags. Later versions may append fields.
TRACEPARENT_PATTERN = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}(?P<rest>-.*)?"
)


class RequestIdentityMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        received = sound_request_id(request.headers.get(REQUEST_ID_HEADER))
        context = RequestContext(
            request_id=received or str(uuid.uuid4()),
            trace_id=trace_id_of(request.headers.get("traceparent")),
            came_with_id=received is not None,
        )
        with entered(context):
            response = self.get_response(request)
        response[REQUEST_ID_HEADER] = context.request_id
        return response


def sound_request_id(value):
    """Return `value` when it may be used as a request id, else None."""
    return value if value and REQUEST_ID_PATTERN.fullmatch(value) else None


def trace_id_of(traceparent):
    """Return the 32 hexadecimal digits of a valid traceparent header, else None."""
    match = TRACEPARENT_PATTERN.fullmatch(traceparent or "")
    if not match or match["version"] == "ff" or (match["version"] == "00" and match["rest"]):
        return None
    if not match["trace"].strip("0") or not match["parent"].strip("0"):
        return None
    return match["trace"]
