"""Which methods an endpoint takes, said in one decorator."""

from functools import wraps

from django.http import HttpResponse

from backend.http.errors import ApiError


def allow_methods(*methods):
    """Answer OPTIONS with 204 and other methods than `methods` with 405, both with Allow."""
    allowed = ", ".join((*methods, "OPTIONS"))

    def decorate(view):
        @wraps(view)
        def checked(request, **arguments):
            if request.method in methods:
                return view(request, **arguments)
            if request.method == "OPTIONS":
                return HttpResponse(status=204, headers={"Allow": allowed})
            raise ApiError(
                405,
                "METHOD_NOT_ALLOWED",
                f"This path does not take this method; it takes {allowed}.",
                headers={"Allow": allowed},
            )

        return checked

    return decorate
