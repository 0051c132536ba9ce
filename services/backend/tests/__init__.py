"""Tests of the backend: `python3 -m tests` in services/backend runs them all."""
