"""Where log lines go: standard output and a file that others rotate. Neither may fail a request.

Both write a line with one write(2): the workers of one instance share pipe and file, and Python's
buffered streams would cut long lines into pieces that mix.
"""

import logging
import os
import sys


class DescriptorHandler(logging.Handler):
    """Writes lines to an open file descriptor, standard output by default."""

    def __init__(self, descriptor=1):
        super().__init__()
        self._descriptor = descriptor

    def emit(self, record):
        try:
            write_whole(self._descriptor, encoded(self.format(record)))
        except OSError:
            # Nobody reads any more. There is no better place to say so.
            pass
        except Exception:
            self.handleError(record)


class RotatedFileHandler(logging.Handler):
    """Appends lines to `path`, and opens it anew once the name leads to another file.

    When the file cannot be written (disk full, directory missing or read-only), the lines are left
    to the other handlers: one line on standard error says so, `on_lost` is called for each line, and
    every further line tries again, so that the file goes on by itself once there is room.
    """

    def __init__(self, path, on_lost=None, error_stream=None):
        super().__init__()
        self._path = str(path)
        self._on_lost = on_lost or (lambda: None)
        self._error_stream = error_stream
        self._descriptor = None
        self._identity = None
        self._is_failing = False
        self._has_torn_line = False

    def emit(self, record):
        try:
            line = encoded(self.format(record))
        except Exception:
            self.handleError(record)
            return
        try:
            self._follow_rotation()
            self._append(line)
        except OSError as error:
            self._forget_descriptor()
            self._on_lost()
            self._say_once(record, error)
        else:
            self._is_failing = False

    def close(self):
        self.acquire()
        try:
            self._forget_descriptor()
        finally:
            self.release()
        super().close()

    def _follow_rotation(self):
        if self._descriptor is not None:
            try:
                found = os.stat(self._path)
            except FileNotFoundError:
                found = None
            if found is None or (found.st_dev, found.st_ino) != self._identity:
                self._forget_descriptor()
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self._path, flags, 0o644)
            opened = os.fstat(self._descriptor)
            self._identity = (opened.st_dev, opened.st_ino)

    def _append(self, line):
        if self._has_torn_line:
            line = b"\n" + line
        written = os.write(self._descriptor, line)
        # A disk that fills up takes a part of a line; the next line must not be glued to it.
        self._has_torn_line = written < len(line)
        if self._has_torn_line:
            raise OSError(None, "only a part of a line could be written")

    def _forget_descriptor(self):
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._identity = None

    def _say_once(self, record, error):
        if self._is_failing:
            return
        self._is_failing = True
        notice = logging.LogRecord(
            "backend.telemetry",
            logging.ERROR,
            record.pathname,
            record.lineno,
            "Cannot write log lines to %s (%s); they go to standard output only until it can be written",
            (self._path, error.strerror or type(error).__name__),
            None,
        )
        try:
            stream = self._error_stream or sys.stderr
            stream.write(encoded(self.format(notice)).decode("utf-8"))
            stream.flush()
        except (OSError, ValueError):
            pass


def encoded(line):
    # Half a surrogate pair from a hostile path cannot be encoded; it must not lose the line.
    return line.encode("utf-8", "replace") + b"\n"


def write_whole(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
