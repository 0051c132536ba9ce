"""Turns what a view raises into an answer; an unexpected failure is logged here, once."""

import logging

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.http.request import UnreadablePostError

from backend.http import error_pages
from backend.http.errors import ApiError, error_response

logger = logging.getLogger("backend.errors")


class ErrorTranslationMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, ApiError):
            return error_response(
                exception.status, exception.code, exception.message, exception.details, exception.headers
            )
        if isinstance(exception, RequestDataTooBig):
            return error_response(413, "PAYLOAD_TOO_LARGE", "The body is too large.")
        if isinstance(exception, UnreadablePostError):
            # The client went away or sent less than it announced: nobody is there to read this.
            return error_response(400, "BODY_INCOMPLETE", "The body ended before its announced length.")
        if isinstance(exception, (Http404, SuspiciousOperation)):
            return None
        logger.error("Unhandled %s in a view", type(exception).__name__, exc_info=exception)
        return error_pages.server_error(request)
