"""The index of the API, whoami and echo."""

from django.conf import settings
from django.http import JsonResponse

from backend.diagnostics.selectors import describe_request
from backend.http.body import read_body
from backend.http.errors import ApiError
from backend.http.methods import allow_methods
from backend.telemetry.request_context import current_request

ECHO_BODY_LIMIT_BYTES = 64 * 1024

RESOURCES = ["whoami", "echo", "items", "quotes"]


@allow_methods("GET", "HEAD")
def index(request):
    return _fresh({"service": "backend", "versions": ["v1"]})


@allow_methods("GET", "HEAD")
def index_v1(request):
    # Names, not addresses: a route of the gateway may have stripped a prefix that is not known here.
    return _fresh({"version": "v1", "resources": RESOURCES})


@allow_methods("GET", "HEAD")
def whoami(request):
    return _fresh(
        {
            "instance": settings.INSTANCE_NAME,
            "version": settings.BACKEND_VERSION,
            "requestId": current_request().request_id,
        }
    )


def echo(request, rest=""):
    """Answer any method with the request as it arrived here, after everything the gateway did to it."""
    body = read_body(request, ECHO_BODY_LIMIT_BYTES)
    try:
        document = describe_request(request, body)
    except ValueError:
        raise ApiError(400, "BAD_REQUEST", "The query has too many parameters.") from None
    return _fresh({**document, "instance": settings.INSTANCE_NAME, "requestId": current_request().request_id})


def _fresh(document):
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response
