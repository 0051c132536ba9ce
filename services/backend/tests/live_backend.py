"""A real gunicorn with the real configuration, on a port of the system's choice."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DEADLINE_SECONDS = 30


class LiveBackend:
    """Runs while its `with` block runs. `stdout` and `stderr` are the lines written so far."""

    def __init__(self, **variables):
        self._variables = {"BACKEND_LOG_LEVEL": "info", **variables}
        self.stdout, self.stderr = [], []

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"],
            cwd=PROJECT,
            env={**os.environ, **self._variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers = [
            threading.Thread(target=_collect, args=(self.process.stdout, self.stdout), daemon=True),
            threading.Thread(target=_collect, args=(self.process.stderr, self.stderr), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            self.port = wait_for(self._listening_port, "gunicorn to listen", self)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for reader in self._readers:
            reader.join(DEADLINE_SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)

    def get(self, path, **headers):
        """Return (status, headers, body text) of GET `path` over a connection of its own."""
        connection = self.connect()
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode("utf-8")
        finally:
            connection.close()

    def metric(self, series):
        """Return the value of one series, e.g. 'name{label="x"}', or None when there is none."""
        for line in self.get("/metrics")[2].splitlines():
            name, _, value = line.rpartition(" ")
            if name == series:
                return float(value)
        return None

    def log_documents(self):
        return [json.loads(line) for line in self.stdout]

    def messages(self):
        return [document["message"] for document in self.log_documents()]

    def worker_pids(self):
        found = (re.search(r"Booting worker with pid: (\d+)", message) for message in self.messages())
        return [int(match[1]) for match in found if match]

    def _listening_port(self):
        if self.process.poll() is not None:
            raise AssertionError(f"gunicorn exited with {self.process.returncode}: {self.stderr}")
        for message in self.messages():
            match = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", message)
            if match:
                return int(match[1])
        return None


def wait_for(condition, what, live=None):
    """Return the first truthy value of `condition()`; fail after the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    seen = f"; stdout {live.stdout[-5:]}, stderr {live.stderr[-5:]}" if live else ""
    raise AssertionError(f"waited {DEADLINE_SECONDS} s in vain for {what}{seen}")


def _collect(stream, lines):
    for line in stream:
        lines.append(line.rstrip("\n"))
