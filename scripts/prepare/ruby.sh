# shellcheck shell=bash
# The Ruby in which the tests run the script of Logstash's filter. Needs scripts/engine/packages.sh.

# Where there is none and none can be had, these tests are skipped: nothing else needs it.
prepare_ruby() {
  if has ruby || ! is_debian || ! is_root || is_interactive; then return 0; fi
  step 'Installing the Debian package ruby'
  timed install_packages ruby
}
