"""The logging configuration, one for Django and for gunicorn itself, so that all lines look alike."""

from backend.telemetry import metrics
from backend.telemetry.json_lines import JsonLineFormatter
from backend.telemetry.log_handlers import DescriptorHandler, RotatedFileHandler


def logging_configuration(environment):
    """Return a dictConfig: lines to standard output and, with a log directory, to <instance>.ndjson."""
    handlers = {"stdout": {"()": DescriptorHandler, "formatter": "json"}}
    if environment.log_directory is not None:
        handlers["file"] = {
            "()": RotatedFileHandler,
            "path": environment.log_directory / f"{environment.instance}.ndjson",
            "on_lost": metrics.LOG_LINES_LOST.inc,
            "formatter": "json",
        }
    names = list(handlers)
    level = environment.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": JsonLineFormatter,
                "instance": environment.instance,
                "version": environment.version,
            }
        },
        "filters": {"failures": {"()": OnlyFailures}},
        "handlers": handlers,
        "root": {"level": level, "handlers": names},
        "loggers": {
            # Django repeats each 4xx and 5xx here; the request's own line says it already.
            "django.request": {"filters": ["failures"]},
            # Without this, Django's defaults would send these to a mail handler as well.
            "django": {"level": level, "handlers": [], "propagate": True},
            "gunicorn.error": {"level": level, "handlers": names, "propagate": False},
            "gunicorn.access": {"level": level, "handlers": [], "propagate": False},
        },
    }


class OnlyFailures:
    """Lets records pass that carry an exception."""

    def filter(self, record):
        return bool(record.exc_info)
