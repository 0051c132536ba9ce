#!/usr/bin/env bash
# make gateway: the development gateway alone on this machine, without Docker. Settings come from the
# environment: PROXY_PORT, PROXY_SSL_PORT, ADMIN_PORT, STATUS_PORT, DATABASE_URL.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh

prepare node 0
exec node services/dev-gateway/dist/main.mjs host
