import os
import tempfile
import unittest
from pathlib import Path

from backend import __version__
from backend.environment import ConfigurationError, read_environment


class EnvironmentTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.key_file = self.directory / "key"
        self.key_file.write_text("a-secret-key\n", encoding="utf-8")

    def read(self, **variables):
        return read_environment({"DJANGO_SECRET_KEY_FILE": str(self.key_file), **variables})

    def problems(self, **variables):
        with self.assertRaises(ConfigurationError) as caught:
            self.read(**variables)
        return caught.exception.problems

    def test_only_the_secret_key_is_needed(self):
        environment = self.read(INSTANCE_NAME="backend-1")
        self.assertEqual(environment.secret_key, "a-secret-key")
        self.assertEqual(environment.version, __version__)
        self.assertEqual(environment.port, 8000)
        self.assertEqual(environment.allowed_hosts, ("*",))
        self.assertFalse(environment.drills_enabled)
        self.assertIsNone(environment.log_directory)

    def test_an_empty_variable_means_the_default(self):
        environment = self.read(INSTANCE_NAME="b", BACKEND_DRILLS="", BACKEND_WORKERS="", SERVICE_LOG_DIR=" ")
        self.assertEqual((environment.workers, environment.log_directory), (2, None))

    def test_idle_connections_outlive_those_of_the_gateway(self):
        self.assertGreater(self.read().keepalive_seconds, 60)

    def test_a_worker_is_done_before_docker_kills_it(self):
        self.assertLess(self.read().graceful_timeout_seconds, 10)

    def test_the_secret_key_is_not_shown(self):
        self.assertNotIn("a-secret-key", repr(self.read()))

    def test_a_missing_variable_for_the_secret_key_is_told(self):
        [problem] = self.problems(DJANGO_SECRET_KEY_FILE="")
        self.assertIn("DJANGO_SECRET_KEY_FILE is not set", problem)

    def test_a_missing_secret_file_is_told_with_its_path(self):
        missing = str(self.directory / "nothing")
        [problem] = self.problems(DJANGO_SECRET_KEY_FILE=missing)
        self.assertIn(f"{missing}, which does not exist", problem)

    def test_an_empty_secret_file_is_told(self):
        self.key_file.write_text(" \n", encoding="utf-8")
        [problem] = self.problems()
        self.assertIn("which is empty", problem)

    def test_a_directory_in_place_of_the_secret_file_is_told(self):
        [problem] = self.problems(DJANGO_SECRET_KEY_FILE=str(self.directory))
        self.assertIn("which is a directory", problem)

    def test_a_secret_file_that_is_not_text_is_told_without_its_content(self):
        self.key_file.write_bytes(b"\xff\xfehidden")
        [problem] = self.problems()
        self.assertIn("not UTF-8", problem)
        self.assertNotIn("hidden", problem)

    @unittest.skipIf(os.geteuid() == 0, "root reads every file")
    def test_an_unreadable_secret_file_is_told(self):
        self.key_file.chmod(0)
        [problem] = self.problems()
        self.assertIn("cannot be read", problem)

    def test_all_problems_are_told_at_once(self):
        problems = self.problems(
            INSTANCE_NAME="../etc/passwd",
            BACKEND_DRILLS="yes",
            BACKEND_WORKERS="0",
            BACKEND_THREADS="many",
            BACKEND_LOG_LEVEL="loud",
            SERVICE_LOG_DIR="relative/path",
            BACKEND_VERSION="1.0\n2",
        )
        named = [problem.split(" ")[0] for problem in problems]
        self.assertCountEqual(
            named,
            [
                "INSTANCE_NAME",
                "BACKEND_DRILLS",
                "BACKEND_WORKERS",
                "BACKEND_THREADS",
                "BACKEND_LOG_LEVEL",
                "SERVICE_LOG_DIR",
                "BACKEND_VERSION",
            ],
        )

    def test_listed_hosts_are_joined_by_the_names_that_probes_use(self):
        hosts = self.read(INSTANCE_NAME="backend-2", ALLOWED_HOSTS="api.example, localhost").allowed_hosts
        self.assertEqual(hosts, ("api.example", "localhost", "backend-2", "127.0.0.1"))
