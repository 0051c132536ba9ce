"""The container's probe: `python3 -m backend.healthcheck [path]` exits 0 when the answer is 200, else 1.

The slim images hold neither curl nor wget. http.client alone is imported, because this starts
every few seconds in every container and Django or urllib would double its cost.
"""

import http.client
import os
import sys

TIMEOUT_SECONDS = 3


def probe(host, port, path, timeout_seconds=TIMEOUT_SECONDS):
    """Return None when `path` answers 200, else one sentence that says what happened instead."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout_seconds)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        return None if response.status == 200 else f"{path} answered {response.status}, not 200"
    except (OSError, http.client.HTTPException) as error:
        return f"{path} on {host}:{port} did not answer: {error or type(error).__name__}"
    finally:
        connection.close()


def main(arguments):
    port = os.environ.get("BACKEND_PORT") or "8000"
    if not port.isdigit():
        sys.stderr.write(f"unhealthy: BACKEND_PORT is {port!r}, not a number\n")
        return 1
    failure = probe("127.0.0.1", int(port), arguments[0] if arguments else "/healthz/ready")
    if failure:
        sys.stderr.write(f"unhealthy: {failure}\n")
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
