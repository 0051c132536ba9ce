"""GET /metrics for Prometheus."""

import os

from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from backend.http.methods import allow_methods
from backend.telemetry.multiprocess import VARIABLE


@allow_methods("GET", "HEAD")
def metrics(request):
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry():
    directory = os.environ.get(VARIABLE)
    if not directory:
        # A single process, as in Django's development server.
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=directory)
    return registry
