#!/usr/bin/env bash
# test.sh all|faults: make test and make test-faults. Brings an engine up as "make up" does, and a
# browser; where one cannot be had, the run goes on without the tests that need it and says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh
# shellcheck source=scripts/prepare/chromium.sh
. scripts/prepare/chromium.sh
# shellcheck source=scripts/prepare/ruby.sh
. scripts/prepare/ruby.sh

scope=$1
# Not the build: that is the first check of the run.
prepare packages 0

needs_engine() {
  [ "$scope" = all ] || [ -n "$(find test/faults services/*/test/faults -name '*.test.ts' 2>/dev/null)" ]
}

# In a subshell: an engine that cannot be had ends the subshell, and its reason is in the file.
try_engine() (
  FAIL_FILE=$1 PROGRESS_DONE=0
  # The end-to-end tests run on images that are built here.
  IMAGE_FLAVOUR=embedded
  plan_engine
  require_no_obstacle
  [ -n "$ENGINE_STEPS" ] || exit 0
  lock_clone
  # shellcheck disable=SC2086 # words are counted
  PROGRESS_TOTAL=$(count_words $ENGINE_STEPS)
  prepare_engine
)

try_browser() (
  FAIL_FILE=$1 PROGRESS_DONE=0 PROGRESS_TOTAL=1
  lock_clone
  prepare_chromium
)

try_ruby() (
  FAIL_FILE=$RUN_DIR/no-ruby PROGRESS_DONE=0 PROGRESS_TOTAL=1
  lock_clone
  prepare_ruby
)

# without WHAT: tries to have it, and tells the run why not where it cannot be had.
options=()
without() {
  local reason_file=$RUN_DIR/no-$1
  rm -f "$reason_file"
  if "try_$1" "$reason_file"; then return 0; fi
  # A subshell that ended in any other way has no reason to give: that is a fault of the scripts.
  [ -s "$reason_file" ] || fail 1 "the $1 could not be prepared, and no reason was given."
  options+=("--no-$1" "$(cat "$reason_file")")
}

! needs_engine || without engine
[ "$scope" != all ] || without browser
# A run without it is a whole one but for a few tests, which it names as skipped.
[ "$scope" != all ] || try_ruby || true
exec node scripts/test.mjs "$scope" ${options[@]+"${options[@]}"}
