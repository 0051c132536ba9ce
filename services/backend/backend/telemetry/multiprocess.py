"""Where gunicorn's workers put their counts together.

Each worker counts in memory-mapped files of one directory, and a scrape, whichever worker answers it,
sums them. The directory is new for each start (old files would count for processes that are gone)
and lies on the temporary file system, because the root file system is read-only.
"""

import atexit
import os
import shutil
import tempfile

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
OWNER_VARIABLE = "BACKEND_METRICS_OWNER"


def prepare_metrics_directory():
    """Create the directory and announce it. Call before prometheus_client is imported, which looks once.

    A second call by the same process (gunicorn's reload on SIGHUP) keeps the directory.
    """
    owner = str(os.getpid())
    if os.environ.get(OWNER_VARIABLE) == owner:
        return os.environ[VARIABLE]
    directory = tempfile.mkdtemp(prefix="backend-metrics-")
    os.environ[VARIABLE] = directory
    os.environ[OWNER_VARIABLE] = owner
    atexit.register(_remove_own, directory, owner)
    return directory


def _remove_own(directory, owner):
    # Forked workers inherit the exit handler, not the directory.
    if str(os.getpid()) == owner:
        shutil.rmtree(directory, ignore_errors=True)
