"""GET /healthz/live: the process answers. GET /healthz/ready and /healthz: it can serve requests."""

from django.conf import settings
from django.http import JsonResponse

from backend.health.selectors import readiness
from backend.http.methods import allow_methods


@allow_methods("GET", "HEAD")
def live(request):
    return _answer(200, {"status": "live"})


@allow_methods("GET", "HEAD")
def ready(request):
    checks = readiness()
    is_ready = all(result == "ok" for result in checks.values())
    return _answer(
        200 if is_ready else 503, {"status": "ready" if is_ready else "not ready", "checks": checks}
    )


def _answer(status, document):
    response = JsonResponse(
        {**document, "instance": settings.INSTANCE_NAME, "version": settings.BACKEND_VERSION}, status=status
    )
    response["Cache-Control"] = "no-store"
    return response
