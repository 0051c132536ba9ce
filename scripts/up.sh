#!/usr/bin/env bash
# make up: from a bare clone on a bare machine to a running stack. Arguments go to "apictl up".
# ARCHIVE in the environment: a file of "apictl images save", from which npm packages and images are taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh
# shellcheck source=scripts/prepare/options.sh
. scripts/prepare/options.sh
# shellcheck source=scripts/prepare/archive.sh
. scripts/prepare/archive.sh

read_options "$@"
if [ -z "${ARCHIVE:-}" ]; then
  prepare all 1
else
  require_archive
  prepare all 2
  [ "$PROGRESS_TOTAL" != 0 ] || PROGRESS_TOTAL=2
  step "Loading the images of $ARCHIVE"
  load_images
  # The images that are there now, unless somebody names others; and no registry is asked which to take.
  [ "$IMAGE_FLAVOUR" != auto ] || set -- --images "$(archive_flavour)" "$@"
fi
[ "$PROGRESS_TOTAL" = 0 ] || step 'Bringing the stack up'
exec node bin/apictl.js up "$@"
