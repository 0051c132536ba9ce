"""The metrics. Labels take values from small fixed sets only: routes are patterns, never paths."""

import platform

import django
from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("backend_http_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "backend_http_request_duration_seconds",
    "Time from the first middleware to the finished answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
IN_FLIGHT = Gauge(
    # The sum over living workers: what a killed worker had in hand is no longer in flight.
    "backend_http_requests_in_flight",
    "Requests being worked on.",
    multiprocess_mode="livesum",
)
LOG_LINES_LOST = Counter(
    "backend_log_file_lines_lost", "Log lines that could not be written to the log file."
)
BUILD_INFO = Gauge(
    "backend_build_info",
    "Always 1; the labels say what is running.",
    ["instance_name", "version", "django", "python"],
    multiprocess_mode="max",
)


def publish_build_info(instance, version):
    BUILD_INFO.labels(instance, version, django.get_version(), platform.python_version()).set(1)
