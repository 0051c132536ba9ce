#!/usr/bin/env bash
# make up: from a bare clone on a bare machine to a running stack. Arguments go to "apictl up".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh
# shellcheck source=scripts/prepare/options.sh
. scripts/prepare/options.sh

read_options "$@"
prepare all 1
[ "$PROGRESS_TOTAL" = 0 ] || step 'Bringing the stack up'
exec node bin/apictl.js up "$@"
