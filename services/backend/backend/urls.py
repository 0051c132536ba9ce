"""Every path of the application. The gateway sends /api and /healthz here unchanged, /partner as /api."""

from django.urls import path

from backend.catalogue import apis as catalogue
from backend.diagnostics import apis as diagnostics
from backend.drills import apis as drills
from backend.health import apis as health
from backend.telemetry import apis as telemetry

urlpatterns = [
    path("healthz", health.ready),
    path("healthz/ready", health.ready),
    path("healthz/live", health.live),
    path("metrics", telemetry.metrics),
    path("api", diagnostics.index),
    path("api/", diagnostics.index),
    path("api/v1", diagnostics.index_v1),
    path("api/v1/", diagnostics.index_v1),
    path("api/v1/whoami", diagnostics.whoami),
    path("api/v1/echo", diagnostics.echo),
    path("api/v1/echo/<path:rest>", diagnostics.echo),
    path("api/v1/items", catalogue.item_list),
    path("api/v1/items/<str:item_id>", catalogue.item_detail),
    path("api/v1/quotes", catalogue.quote_create),
    path("api/v1/drills/status/<int:status>", drills.status),
    path("api/v1/drills/delay/<int:delay_ms>", drills.delay),
]

# What Django answers outside of a view; inside, backend.http.error_translation does it.
handler400 = "backend.http.error_pages.bad_request"
handler403 = "backend.http.error_pages.forbidden"
handler404 = "backend.http.error_pages.not_found"
handler500 = "backend.http.error_pages.server_error"
