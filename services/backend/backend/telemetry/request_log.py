"""One log line for each request."""

import logging
import time

from backend.telemetry.json_lines import shortened
from backend.telemetry.masking import mask_query
from backend.telemetry.request_context import current_request
from backend.telemetry.request_metrics import route_of

logger = logging.getLogger("backend.request")

TEXT_LIMIT = 512

# Asked every few seconds by health checks and Prometheus.
PROBED_PATHS = frozenset({"/healthz", "/healthz/ready", "/healthz/live", "/metrics"})


class RequestLogMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        response = self.get_response(request)
        duration_ms = round((time.perf_counter() - started) * 1000, 3)
        level = level_of(request.path, response.status_code)
        if logger.isEnabledFor(level):
            fields = request_fields(request, response, duration_ms)
            message = f"{fields['method']} {shortened(request.path, 200)} {response.status_code}"
            logger.log(level, "%s", message, extra={"fields": fields})
        return response


def level_of(path, status):
    """Return the level of a request's line.

    A probe that succeeds is worth a line only when it came through the gateway: then somebody
    looks for its id. Probes of the containers and scrapes carry none and would bury the rest.
    """
    if status >= 500:
        return logging.ERROR
    if path in PROBED_PATHS and status < 400 and not current_request().came_with_id:
        return logging.DEBUG
    return logging.INFO


def request_fields(request, response, duration_ms):
    return {
        "method": shortened(request.method, 32),
        "path": shortened(request.path, TEXT_LIMIT),
        "query": shortened(mask_query(request.META.get("QUERY_STRING", "")), TEXT_LIMIT),
        "route": route_of(request),
        "status": response.status_code,
        "duration_ms": duration_ms,
        "response_bytes": 0 if response.streaming else len(response.content),
    }
