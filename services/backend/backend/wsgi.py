"""The WSGI entry point; gunicorn loads it once, before it starts its workers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

application = get_wsgi_application()

# Django imports the URL configuration at the first request. Importing it here makes a broken
# route or an unreadable catalogue stop the start, and lets the workers share the memory.
import backend.urls  # noqa: E402, F401
