"""Endpoints that show what reaches the backend, and which backend it reaches."""
