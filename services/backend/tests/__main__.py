"""`python3 -m tests [--junit FILE] [module ...]`: runs the tests, exits 0 when all of them passed.

Modules are named without their package, e.g. test_metrics; none named means all.
"""

import argparse
import os
import secrets
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent

# The machine's own settings must not change what is tested.
FOREIGN_PREFIXES = ("BACKEND_", "DJANGO_", "PROMETHEUS_", "GUNICORN_")
FOREIGN_NAMES = ("INSTANCE_NAME", "SERVICE_LOG_DIR", "ALLOWED_HOSTS")


def main(arguments):
    parser = argparse.ArgumentParser(prog="python3 -m tests", description="Run the backend's tests.")
    parser.add_argument("--junit", metavar="FILE", type=Path, help="also write the results as JUnit XML")
    parser.add_argument("modules", nargs="*", metavar="module", help="e.g. test_metrics (default: all)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="backend-tests-") as directory:
        _prepare_environment(Path(directory))
        return _run(options)


def _prepare_environment(directory):
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES) or name in FOREIGN_NAMES:
            del os.environ[name]
    key_file = directory / "django-secret-key"
    key_file.write_text(secrets.token_hex(32), encoding="ascii")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="backend.settings",
        DJANGO_SECRET_KEY_FILE=str(key_file),
        INSTANCE_NAME="backend-test",
        BACKEND_VERSION="1.2.3-test",
        # Requests made by tests are not news; tests that look at log lines ask for them.
        BACKEND_LOG_LEVEL="critical",
    )


def _run(options):
    import django
    from django.test.utils import setup_test_environment, teardown_test_environment

    from tests.junit import RecordingResult, write_junit

    django.setup()
    setup_test_environment()
    loader = unittest.TestLoader()
    if options.modules:
        suite = loader.loadTestsFromNames([f"tests.{name}" for name in options.modules])
    else:
        suite = loader.discover(str(HERE), top_level_dir=str(HERE.parent))
    result = unittest.TextTestRunner(verbosity=1, resultclass=RecordingResult).run(suite)
    teardown_test_environment()
    if options.junit:
        write_junit(result, options.junit)
    if result.testsRun == 0:
        sys.stderr.write("no test was found\n")
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
