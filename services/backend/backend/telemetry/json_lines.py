"""Log records as JSON, one object on one line."""

import json
import logging
import traceback
from datetime import datetime, timezone

from backend.telemetry.request_context import current_request

# Two workers share one pipe, and the kernel keeps writes apart only up to 4096 bytes.
# These limits keep all but the strangest lines below that.
MESSAGE_LIMIT = 1024
STACK_LIMIT = 2400


class JsonLineFormatter(logging.Formatter):
    """Formats timestamp, level, logger, message, instance, then the request's ids, then `record.fields`."""

    def __init__(self, instance, version):
        super().__init__()
        self._instance = instance
        self._version = version

    def format(self, record):
        context = current_request()
        line = {
            "timestamp": utc_milliseconds(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": shortened(record.getMessage(), MESSAGE_LIMIT),
            "service": "backend",
            "instance": self._instance,
            "version": self._version,
        }
        if context.request_id:
            line["request_id"] = context.request_id
        if context.trace_id:
            line["trace_id"] = context.trace_id
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = _described(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def utc_milliseconds(seconds):
    """Return Unix `seconds` as 2025-01-31T12:00:00.000Z."""
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shortened(text, limit):
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _described(exc_info):
    stack = "".join(traceback.format_exception(*exc_info))
    if len(stack) > STACK_LIMIT:
        # The end of a Python traceback is the place of the failure.
        stack = f"…{stack[-STACK_LIMIT:]}"
    return {
        "type": exc_info[0].__name__,
        "message": shortened(str(exc_info[1]), MESSAGE_LIMIT),
        "stack": stack,
    }
