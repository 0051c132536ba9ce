"""The request that the current thread is working on, for log lines and error pages."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestContext:
    """`came_with_id` tells a request of the gateway from a probe or a scrape, which carry none."""

    request_id: str | None = None
    trace_id: str | None = None
    came_with_id: bool = False


_current = ContextVar("backend_request", default=RequestContext())


def current_request():
    """Return the RequestContext of the running request, an empty one outside of requests."""
    return _current.get()


@contextmanager
def entered(context):
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
