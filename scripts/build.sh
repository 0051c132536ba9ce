#!/usr/bin/env bash
# make build: npm packages and built files, where they are not current.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/prepare/prepare.sh
. scripts/prepare/prepare.sh
# shellcheck source=scripts/prepare/archive.sh
. scripts/prepare/archive.sh

[ -z "${ARCHIVE:-}" ] || require_archive
prepare node 0
[ "$PROGRESS_TOTAL" != 0 ] || echo 'Everything is built.' >&2
