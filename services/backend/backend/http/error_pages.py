"""Django's own error pages (no route, refused host, failure outside of a view) in the common shape."""

from backend.http.errors import error_response


def bad_request(request, exception=None):
    return error_response(400, "BAD_REQUEST", "The request could not be understood.")


def forbidden(request, exception=None):
    return error_response(403, "FORBIDDEN", "The request is not allowed.")


def not_found(request, exception=None):
    # The path is not repeated: it is the client's text and may be of any length.
    return error_response(404, "NOT_FOUND", "There is nothing at this path.")


def server_error(request):
    return error_response(
        500, "INTERNAL_ERROR", "The backend failed. Its log has the cause under this request id."
    )
