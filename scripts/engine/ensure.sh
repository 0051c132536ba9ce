#!/usr/bin/env bash
# make engine-start: an engine and Compose 2 that answer, installing and starting what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh

mkdir -p "$RUN_DIR"
plan_engine
require_no_obstacle
if [ -z "$ENGINE_STEPS" ]; then
  echo 'Docker Engine and Compose 2 answer: nothing to do.' >&2
  exit 0
fi
lock_clone
# shellcheck disable=SC2086 # words are counted
PROGRESS_TOTAL=$(count_words $ENGINE_STEPS)
prepare_engine
