# shellcheck shell=bash
# The browser that the tests of the logging service's page drive. Needs scripts/engine/packages.sh.

# Where the tests look for it: services/logging/test/browser/support/chromium.ts.
has_chromium() {
  [ -n "${CHROMIUM:-}" ] || has chromium || has chromium-browser || has google-chrome
}

prepare_chromium() {
  if has_chromium; then return 0; fi
  is_debian || fail 5 'Chromium is not installed, and only on Debian can it be installed from here.'
  is_root || fail 5 'Chromium is not installed: install the package chromium once, then repeat.'
  confirm_packages chromium
  step 'Installing the Debian package chromium'
  timed install_packages chromium
}
