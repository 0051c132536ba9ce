"""The one error that endpoints raise and the one shape that every error page has."""

from django.http import JsonResponse

from backend.telemetry.request_context import current_request


class ApiError(Exception):
    """An answer that is not a success.

    `code` is stable and for programs, `message` is for people, `details` is a list of
    {"field", "message"} for input that failed validation, `headers` go into the answer.
    """

    def __init__(self, status, code, message, details=None, headers=None):
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers or {}
        super().__init__(message)


def error_response(status, code, message, details=None, headers=None):
    """Return {"error": {"code", "message", "requestId"[, "details"]}} with `status`."""
    error = {"code": code, "message": message, "requestId": current_request().request_id}
    if details is not None:
        error["details"] = details
    response = JsonResponse({"error": error}, status=status, json_dumps_params={"ensure_ascii": False})
    # An error belongs to one request: a cache that kept it would give its id to others.
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response
