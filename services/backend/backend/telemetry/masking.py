"""Which names hold credentials, and how their values are kept out of logs and echoes."""

import re
from urllib.parse import unquote_plus

MASK = "***"

SENSITIVE_NAME = re.compile(
    r"authorization|api[-_]?key|token|secret|passw|^pwd$|credential|cookie|session|signature"
    r"|jwt|^auth$|x-auth|^key$|^sig$|^code$",
    re.IGNORECASE,
)


def is_sensitive(name):
    """Tell whether a header or parameter of this name carries a credential."""
    return SENSITIVE_NAME.search(name) is not None


def mask_headers(headers):
    """Return the headers as a sorted dict with lower-case names and credentials masked."""
    return {name.lower(): _mask_header(name, value) for name, value in sorted(headers.items())}


def mask_query(query):
    """Return the raw query string with the values of credentials masked, everything else as it was."""
    return "&".join(_mask_parameter(part) for part in query.split("&"))


def _mask_header(name, value):
    if is_sensitive(name):
        return MASK
    # A referer repeats a URL, and with it the query that is masked elsewhere.
    if name.lower() == "referer" and "?" in value:
        page, _, query = value.partition("?")
        return f"{page}?{mask_query(query)}"
    return value


def _mask_parameter(part):
    name, separator, _ = part.partition("=")
    # Decoded first, so that api%6Bey is recognised as well.
    return f"{name}={MASK}" if separator and is_sensitive(unquote_plus(name)) else part
