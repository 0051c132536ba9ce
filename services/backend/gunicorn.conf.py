"""gunicorn's configuration: `gunicorn` in this directory starts the application with it."""

import os
import sys
import tempfile

from backend.environment import EXIT_CODE_BAD_CONFIGURATION, ConfigurationError, read_environment
from backend.telemetry.multiprocess import prepare_metrics_directory

try:
    _environment = read_environment(os.environ)
except ConfigurationError as error:
    for problem in error.problems:
        sys.stderr.write(f"backend cannot start: {problem}\n")
    sys.exit(EXIT_CODE_BAD_CONFIGURATION)

prepare_metrics_directory()

# Only now: prometheus_client decides at its import whether workers share their counts.
from backend.telemetry.logging_config import logging_configuration  # noqa: E402

wsgi_app = "backend.wsgi:application"
bind = f"0.0.0.0:{_environment.port}"

# Two processes, so that one that dies or hangs does not take the instance with it; threads, because
# a request that waits (a slow client, a delay) must not hold up the others.
worker_class = "gthread"
workers = _environment.workers
threads = _environment.threads
# Loaded once, before the workers: a broken application stops the start with its error instead of
# restarting workers for ever, and the workers share its memory.
preload_app = True

# Longer than the gateway keeps an idle connection to us (60 s in Kong). The side that closes first
# must be the gateway: were it us, a request could be sent into a connection that we are closing, and
# would fail with a reset that no retry is safe for.
keepalive = _environment.keepalive_seconds

# On SIGTERM workers stop accepting, finish what they have in hand within this time, and exit. It is
# shorter than the 10 s after which Docker kills by default.
graceful_timeout = _environment.graceful_timeout_seconds

# Workers show that they live by touching a file: in memory, where a slow disk cannot make them look
# dead, and writable although the root file system is not.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()

# The gateway accepts longer request lines than gunicorn's default and would show its own clients a
# refusal that they cannot explain.
limit_request_line = 8190
limit_request_field_size = 16380

# Newer versions open a control socket in the home directory, which is read-only here, and which nobody
# asked for. Older versions do not know the name and pass over it.
control_socket_disable = True

accesslog = None
logconfig_dict = logging_configuration(_environment)


def child_exit(server, worker):
    """Take a dead worker's share out of the gauges that sum over living ones."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
