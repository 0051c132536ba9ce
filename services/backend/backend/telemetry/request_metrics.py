"""Counts and times every request."""

import time

from django.conf import settings

from backend.telemetry.metrics import IN_FLIGHT, REQUEST_SECONDS, REQUESTS, publish_build_info

KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetricsMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response
        publish_build_info(settings.INSTANCE_NAME, settings.BACKEND_VERSION)

    def __call__(self, request):
        started = time.perf_counter()
        with IN_FLIGHT.track_inprogress():
            response = self.get_response(request)
        # An invented method would be a new label value for each request of a hostile client.
        method = request.method if request.method in KNOWN_METHODS else "OTHER"
        route = route_of(request)
        REQUESTS.labels(method, route, response.status_code).inc()
        REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - started)
        return response


def route_of(request):
    """Return the pattern that matched, e.g. /api/v1/items/<str:item_id>, or "unmatched"."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "unmatched"
