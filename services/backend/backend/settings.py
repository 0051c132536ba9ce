"""Django's settings: no database, no sessions, no templates; every page is JSON."""

import os

from django.core.exceptions import ImproperlyConfigured

from backend.environment import ConfigurationError, read_environment
from backend.telemetry.logging_config import logging_configuration

try:
    ENVIRONMENT = read_environment(os.environ)
except ConfigurationError as error:
    raise ImproperlyConfigured(str(error)) from None

INSTANCE_NAME = ENVIRONMENT.instance
BACKEND_VERSION = ENVIRONMENT.version
DRILLS_ENABLED = ENVIRONMENT.drills_enabled

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
# The default "*" is safe here: only the gateway's private network reaches this port, and no
# answer is built from the Host header.
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)

ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
INSTALLED_APPS = []
DATABASES = {}
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# Outermost first. The request's identity comes before everything that may log; errors are
# translated innermost, so that log and metrics see the final status.
MIDDLEWARE = [
    "backend.http.request_identity.RequestIdentityMiddleware",
    "backend.telemetry.request_log.RequestLogMiddleware",
    "backend.telemetry.request_metrics.RequestMetricsMiddleware",
    "backend.http.response_rules.ResponseRulesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "backend.http.error_translation.ErrorTranslationMiddleware",
]

# A redirect would leak the inner path to clients of a route that strips its prefix.
APPEND_SLASH = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # No cookie identifies anybody here, so there is nothing that a forged request could borrow.
    "security.W003",
    # TLS ends at the gateway: HSTS and redirects to https are its business.
    "security.W004",
    "security.W008",
]

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING = logging_configuration(ENVIRONMENT)
