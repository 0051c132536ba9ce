#!/usr/bin/env bash
# make bench: times apictl beside its peers and writes docs/benchmarks.md. Arguments are sections of
# bench/main.ts; without any, all of them run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh

export IMAGE_FLAVOUR=embedded
prepare all 1
[ "$PROGRESS_TOTAL" = 0 ] || step 'Building the images'
node bin/apictl.js images build --images embedded
exec node --import tsx bench/main.ts "$@"
