# shellcheck shell=bash
# A file of "apictl images save", for a machine without a network. What it holds is checked before any of it is used:
# npm packages by package-lock.json (scripts/offline/), images by apictl.

require_archive() {
  [ -f "$ARCHIVE" ] ||
    fail 64 "there is no file $ARCHIVE: make it with \"apictl images save FILE\" in a clone on a machine with a network"
}

load_images() { node bin/apictl.js images load "$ARCHIVE" >&2; }

archive_flavour() { node scripts/offline/flavour.mjs "$ARCHIVE"; }
