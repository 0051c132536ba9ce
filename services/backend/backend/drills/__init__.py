"""Failures on demand, for drills. Absent unless BACKEND_DRILLS=on."""
