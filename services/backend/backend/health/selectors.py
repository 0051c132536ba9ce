"""What must be right before this instance takes traffic."""

from backend.catalogue.selectors import count_items


def readiness():
    """Return {check: "ok" or what is wrong}."""
    return {"catalogue": "ok" if count_items() > 0 else "no items"}
