"""/api/v1/drills/status/<code> and /api/v1/drills/delay/<ms>; 404 like any unknown path when off."""

import time
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse

from backend.http.errors import ApiError, error_response

LOWEST_STATUS = 200
HIGHEST_STATUS = 599
STATUSES_WITHOUT_BODY = frozenset({204, 205, 304})

# Below the 60 s after which the gateway gives up by default, and a bound on how long one
# caller can hold a thread.
LONGEST_DELAY_MS = 30_000


def drill(view):
    @wraps(view)
    def checked(request, **arguments):
        if not settings.DRILLS_ENABLED:
            raise Http404
        return view(request, **arguments)

    return checked


@drill
def status(request, status):
    """Answer with the wanted status, in the error shape from 400 on."""
    if not LOWEST_STATUS <= status <= HIGHEST_STATUS:
        raise _out_of_range("status", LOWEST_STATUS, HIGHEST_STATUS)
    if status in STATUSES_WITHOUT_BODY:
        return HttpResponse(status=status)
    if status >= 400:
        return error_response(status, "DRILL", f"A drill asked for status {status}.")
    return _fresh({"status": status}, status)


@drill
def delay(request, delay_ms):
    """Answer 200 after the wanted time."""
    if delay_ms > LONGEST_DELAY_MS:
        raise _out_of_range("delayMs", 0, LONGEST_DELAY_MS)
    time.sleep(delay_ms / 1000)
    return _fresh({"delayMs": delay_ms}, 200)


def _out_of_range(field, lowest, highest):
    message = f"must be from {lowest} to {highest}"
    return ApiError(
        400, "VALIDATION_FAILED", "The drill is out of range.", [{"field": field, "message": message}]
    )


def _fresh(document, status):
    response = JsonResponse({**document, "instance": settings.INSTANCE_NAME}, status=status)
    response["Cache-Control"] = "no-store"
    return response
