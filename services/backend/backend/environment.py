"""The process environment, read once and checked as a whole; nothing else reads os.environ."""

import re
import socket
from dataclasses import dataclass, field
from pathlib import Path

from backend import __version__

# sysexits.h EX_CONFIG: tells a supervisor that starting again will not help.
EXIT_CODE_BAD_CONFIGURATION = 78

# The name becomes a file name and a host name that is accepted: no separators, no leading dot.
INSTANCE_NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
VERSION_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


class ConfigurationError(Exception):
    """The environment is unusable. `problems` holds one sentence for each thing to put right."""

    def __init__(self, problems):
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True)
class Environment:
    """The checked settings of one process. The secret key stays out of repr(), and so out of logs."""

    instance: str
    version: str
    log_directory: Path | None
    log_level: str
    drills_enabled: bool
    allowed_hosts: tuple[str, ...]
    port: int
    workers: int
    threads: int
    keepalive_seconds: int
    graceful_timeout_seconds: int
    secret_key: str = field(repr=False)


def read_environment(variables):
    """Return the Environment described by `variables` (a mapping like os.environ).

    Raises ConfigurationError that names every problem found, not only the first.
    """
    reader = _Reader(variables)
    instance = reader.name("INSTANCE_NAME", INSTANCE_NAME_PATTERN, default=socket.gethostname())
    environment = Environment(
        instance=instance,
        version=reader.name("BACKEND_VERSION", VERSION_PATTERN, default=__version__),
        log_directory=reader.directory("SERVICE_LOG_DIR"),
        log_level=reader.choice("BACKEND_LOG_LEVEL", LOG_LEVELS, default="info"),
        drills_enabled=reader.choice("BACKEND_DRILLS", ("off", "on"), default="off") == "on",
        allowed_hosts=reader.hosts("ALLOWED_HOSTS", own_names=(instance, "localhost", "127.0.0.1")),
        port=reader.number("BACKEND_PORT", 1, 65535, default=8000),
        workers=reader.number("BACKEND_WORKERS", 1, 32, default=2),
        threads=reader.number("BACKEND_THREADS", 1, 128, default=8),
        keepalive_seconds=reader.number("BACKEND_KEEPALIVE_SECONDS", 1, 3600, default=75),
        graceful_timeout_seconds=reader.number("BACKEND_GRACEFUL_TIMEOUT_SECONDS", 1, 300, default=8),
        secret_key=reader.secret_file("DJANGO_SECRET_KEY_FILE"),
    )
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return environment


class _Reader:
    """Reads single variables and gathers what is wrong with them."""

    def __init__(self, variables):
        self._variables = variables
        self.problems = []

    def _value(self, name):
        # An empty variable is what Compose passes for an unset one; both mean "the default".
        return self._variables.get(name, "").strip()

    def name(self, variable, pattern, default):
        value = self._value(variable) or default
        if not pattern.fullmatch(value):
            self.problems.append(
                f"{variable} is {value!r}: only letters, digits and the characters of "
                f"'_.+-' are allowed (pattern {pattern.pattern})"
            )
        return value

    def choice(self, variable, choices, default):
        value = self._value(variable) or default
        if value not in choices:
            self.problems.append(f"{variable} is {value!r}: it must be one of {', '.join(choices)}")
        return value

    def number(self, variable, lowest, highest, default):
        value = self._value(variable)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,6}", value) or not lowest <= int(value) <= highest:
            self.problems.append(
                f"{variable} is {value!r}: it must be a whole number from {lowest} to {highest}"
            )
            return default
        return int(value)

    def hosts(self, variable, own_names):
        names = tuple(name.strip() for name in self._value(variable).split(",") if name.strip())
        if not names or "*" in names:
            return ("*",)
        # The container's own probe and the scrape by name must pass whatever the user lists.
        return names + tuple(name for name in own_names if name not in names)

    def directory(self, variable):
        value = self._value(variable)
        if not value:
            return None
        if not value.startswith("/"):
            self.problems.append(f"{variable} is {value!r}: it must be an absolute path")
        return Path(value)

    def secret_file(self, variable):
        value = self._value(variable)
        remedy = "mount the secret and point the variable to it"
        if not value:
            self.problems.append(f"{variable} is not set: it must name the file with Django's secret key")
            return ""
        path = Path(value)
        try:
            secret = path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            self.problems.append(f"{variable} names {value}, which does not exist: {remedy}")
        except IsADirectoryError:
            # Docker creates a directory when the file of a bind mount is missing on the host.
            self.problems.append(f"{variable} names {value}, which is a directory: {remedy}")
        except UnicodeDecodeError:
            self.problems.append(f"{variable} names {value}, which is not UTF-8 text: {remedy}")
        except OSError as error:
            self.problems.append(f"{variable} names {value}, which cannot be read: {error.strerror}")
        else:
            if secret:
                return secret
            self.problems.append(f"{variable} names {value}, which is empty: write a secret key into it")
        return ""
