# shellcheck shell=bash
# Facts about this machine. MACHINE_ROOT is a prefix of every system path that the scripts read
# or write: tests and a second engine on one machine set it, everyone else leaves it empty.

MACHINE_ROOT=${MACHINE_ROOT:-}
RUN_DIR=.run

is_root() { [ "$(id -u)" = 0 ]; }
is_macos() { [ "$(uname -s)" = Darwin ]; }
has() { command -v "$1" >/dev/null 2>&1; }

# systemd is the init system exactly when this directory exists (sd_booted(3)).
has_systemd() { [ -d "$MACHINE_ROOT/run/systemd/system" ] && has systemctl; }

# os_release KEY: a value of /etc/os-release, empty where there is none.
os_release() {
  [ -r "$MACHINE_ROOT/etc/os-release" ] || return 0
  sed -n "s/^$1=//p" "$MACHINE_ROOT/etc/os-release" | tr -d '"' | head -n 1
}

# Only Debian itself: its derivatives name and split these packages differently.
is_debian() { ! is_macos && [ "$(os_release ID)" = debian ]; }

# A question can be asked: someone sits at a terminal, and this is no unattended run.
is_interactive() { [ -t 0 ] && [ -t 2 ] && [ -z "${CI:-}" ]; }
