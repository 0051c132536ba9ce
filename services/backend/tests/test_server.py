import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from backend.healthcheck import probe
from tests.live_backend import DEADLINE_SECONDS, PROJECT, LiveBackend, wait_for

WHOAMI_OK = 'backend_http_requests_total{method="GET",route="/api/v1/whoami",status="200"}'


class ServerTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def start(self, **variables):
        live = LiveBackend(TMPDIR=str(self.directory), **variables)
        live.__enter__()
        self.addCleanup(live.__exit__)
        return live

    def test_every_scrape_sums_all_workers(self):
        live = self.start(BACKEND_WORKERS="3")
        for _ in range(30):
            self.assertEqual(live.get("/api/v1/whoami")[0], 200)
        self.assertEqual([live.metric(WHOAMI_OK) for _ in range(9)], [30] * 9)

    def test_a_killed_worker_is_replaced_and_its_counts_are_kept(self):
        live = self.start(BACKEND_WORKERS="1", BACKEND_DRILLS="on")
        for _ in range(10):
            live.get("/api/v1/whoami")
        connection = live.connect()
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/drills/delay/30000")
        in_flight = "backend_http_requests_in_flight"
        wait_for(lambda: live.metric(in_flight) == 2, "the slow request", live)
        os.kill(live.worker_pids()[0], signal.SIGKILL)
        with self.assertRaises((OSError, http.client.HTTPException)):
            connection.getresponse()
        wait_for(lambda: len(live.worker_pids()) == 2, "another worker", live)
        self.assertEqual(live.metric(WHOAMI_OK), 10)
        # This scrape alone: what the dead worker had in hand is not in flight for ever.
        self.assertEqual(live.metric(in_flight), 1)

    def test_a_chunked_body_arrives_whole(self):
        live = self.start()
        connection = live.connect()
        self.addCleanup(connection.close)
        parts = [b"first ", b"second ", b"x" * 9000]
        connection.request(
            "POST", "/api/v1/echo", iter(parts), {"Content-Type": "text/plain"}, encode_chunked=True
        )
        body = json.loads(connection.getresponse().read())["body"]
        self.assertEqual((body["bytes"], body["content"][:13]), (9013, "first second "))

    def test_an_answer_to_head_has_no_body_that_the_next_answer_would_begin_with(self):
        live = self.start()
        with socket.create_connection(("127.0.0.1", live.port), timeout=DEADLINE_SECONDS) as connection:
            connection.sendall(b"HEAD /api/v1/items HTTP/1.1\r\nHost: b\r\n\r\n")
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536)
            connection.sendall(b"GET /api/v1/whoami HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
            received += b"".join(iter(lambda: connection.recv(65536), b""))
        _, head, whoami = received.split(b"HTTP/1.1 200 OK\r\n")
        self.assertTrue(head.endswith(b"\r\n\r\n"), head)
        length = live.get("/api/v1/items")[1]["Content-Length"]
        self.assertIn(f"Content-Length: {length}\r\n".encode(), head)
        self.assertEqual(json.loads(whoami.partition(b"\r\n\r\n")[2])["instance"], "backend-test")

    def test_a_body_that_nobody_read_is_not_taken_for_the_next_request(self):
        live = self.start()
        connection = live.connect()
        self.addCleanup(connection.close)
        connection.request("POST", "/api/v1/whoami", b"GET /evil HTTP/1.1\r\n\r\n")
        refused = connection.getresponse()
        self.assertEqual(
            (refused.status, json.loads(refused.read())["error"]["code"]), (405, "METHOD_NOT_ALLOWED")
        )
        first_socket = connection.sock
        connection.request("GET", "/api/v1/whoami", headers={"X-Request-ID": "second"})
        second = connection.getresponse()
        self.assertEqual((second.status, json.loads(second.read())["requestId"]), (200, "second"))
        self.assertIs(connection.sock, first_socket)

    def test_an_idle_connection_is_kept_for_the_configured_time_and_then_closed(self):
        live = self.start(BACKEND_KEEPALIVE_SECONDS="1")
        with socket.create_connection(("127.0.0.1", live.port), timeout=DEADLINE_SECONDS) as connection:
            connection.sendall(b"HEAD /healthz/live HTTP/1.1\r\nHost: b\r\n\r\n")
            self.assertIn(b"200 OK", connection.recv(65536))
            self.assertEqual(connection.recv(65536), b"")

    def test_a_request_in_hand_is_finished_after_sigterm(self):
        live = self.start(BACKEND_DRILLS="on")
        answers = []
        slow = threading.Thread(target=lambda: answers.append(live.get("/api/v1/drills/delay/1500")))
        slow.start()
        wait_for(lambda: live.metric("backend_http_requests_in_flight") == 2, "the slow request", live)
        live.process.terminate()
        slow.join(DEADLINE_SECONDS)
        self.assertEqual(answers[0][0], 200)
        self.assertEqual(live.process.wait(DEADLINE_SECONDS), 0)
        # The shared counters are gone with the process that made them.
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_all_lines_are_json_and_go_to_the_file_as_well(self):
        logs = self.directory / "logs"
        logs.mkdir()
        live = self.start(SERVICE_LOG_DIR=str(logs), INSTANCE_NAME="backend-7")
        live.get(
            "/api/v1/echo?apikey=hidden-key",
            **{"X-Request-ID": "find-me", "Authorization": "Bearer hidden-key"},
        )
        live.get("/%0a%22evil%22")
        wait_for(lambda: 'GET /\n"evil" 404' in live.messages(), "the second line", live)
        documents = [json.loads(line) for line in (logs / "backend-7.ndjson").read_text().splitlines()]
        self.assertEqual(documents, live.log_documents())
        [line] = [document for document in documents if document.get("request_id") == "find-me"]
        self.assertEqual((line["instance"], line["query"]), ("backend-7", "apikey=***"))
        everything = "\n".join(live.stdout + live.stderr)
        self.assertNotIn("hidden-key", everything)
        self.assertNotIn(Path(os.environ["DJANGO_SECRET_KEY_FILE"]).read_text(), everything)

    def test_all_workers_follow_a_rotated_file_and_no_line_is_lost(self):
        live = self.start(SERVICE_LOG_DIR=str(self.directory), INSTANCE_NAME="backend-7", BACKEND_WORKERS="3")
        current = self.directory / "backend-7.ndjson"
        expected = []
        for rotation in range(3):
            for number in range(15):
                expected.append(f"r{rotation}-{number}")
                live.get("/api/v1/whoami", **{"X-Request-ID": expected[-1]})
            wait_for(lambda: expected[-1] in current.read_text(), "the last line", live)
            current.rename(self.directory / f"backend-7.{rotation}")
        found = [
            json.loads(line).get("request_id")
            for rotation in range(3)
            for line in (self.directory / f"backend-7.{rotation}").read_text().splitlines()
        ]
        self.assertCountEqual([identifier for identifier in found if identifier], expected)

    def test_a_missing_log_directory_fails_no_request_and_is_told_once(self):
        live = self.start(SERVICE_LOG_DIR="/nonexistent/logs", BACKEND_WORKERS="1")
        self.assertEqual([live.get("/api/v1/whoami")[0] for _ in range(5)], [200] * 5)
        self.assertGreaterEqual(live.metric("backend_log_file_lines_lost_total"), 5)
        notices = [json.loads(line)["message"] for line in live.stderr]
        # The master says it at the start and its worker inherits the knowledge.
        self.assertEqual(len([notice for notice in notices if "/nonexistent/logs" in notice]), len(notices))
        self.assertTrue(1 <= len(notices) <= 2, notices)

    def test_without_a_secret_key_it_exits_with_78_and_says_why(self):
        environment = {**os.environ, "DJANGO_SECRET_KEY_FILE": str(self.directory / "missing")}
        finished = subprocess.run(
            [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
        self.assertEqual(finished.returncode, 78)
        [line] = finished.stderr.splitlines()
        self.assertIn("backend cannot start: DJANGO_SECRET_KEY_FILE names", line)

    def test_the_probe_tells_a_healthy_backend_from_others(self):
        live = self.start()
        self.assertIsNone(probe("127.0.0.1", live.port, "/healthz/ready"))
        self.assertIn("answered 404", probe("127.0.0.1", live.port, "/nothing"))
        command = [sys.executable, "-m", "backend.healthcheck"]
        environment = {**os.environ, "BACKEND_PORT": str(live.port)}
        healthy = subprocess.run(command, cwd=PROJECT, env=environment, timeout=DEADLINE_SECONDS)
        self.assertEqual(healthy.returncode, 0)
        live.process.terminate()
        live.process.wait(DEADLINE_SECONDS)
        gone = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS
        )
        self.assertEqual(gone.returncode, 1)
        self.assertIn("did not answer", gone.stderr)
