#!/usr/bin/env bash
# Runs apictl from this clone, building it first where needed. The engine is left as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh

prepare node 0
exec node bin/apictl.js "$@"
