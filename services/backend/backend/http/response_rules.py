"""What holds for every answer: security headers for an API, and no body for HEAD."""


class ResponseRulesMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # No answer is a document: a browser that is led to one must load and run nothing.
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.method == "HEAD" and not response.streaming:
            # Not every gunicorn drops the body itself; on a kept connection its bytes would be
            # taken for the beginning of the next answer. Content-Length stays: it describes GET's body.
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response
