# shellcheck shell=bash
# Which Debian packages are missing, and installing them in one transaction.

INSTALL_LOG=.run/install.log

# compose_source: where this Debian release gets Compose 2 from.
#   package  its own docker-compose is version 2
#   borrow   its own is the dead version 1; the next release's binary runs here (glibc 2.34 or newer)
#   none     neither
compose_source() {
  case $(os_release VERSION_CODENAME) in
    buster | bullseye) echo none ;;
    bookworm) echo borrow ;;
    *) echo package ;;
  esac
}

# engine_packages: what makes dockerd and docker appear.
engine_packages() {
  has dockerd || printf 'docker.io '
  if ! has docker; then
    case $(os_release VERSION_CODENAME) in
      # There docker.io brings the command itself.
      buster | bullseye | bookworm) has dockerd && printf 'docker.io ' ;;
      *) printf 'docker-cli ' ;;
    esac
  fi
  has iptables || ! has dockerd || printf 'iptables '
  # Without it the engine can verify no image registry.
  [ -e "$MACHINE_ROOT/etc/ssl/certs/ca-certificates.crt" ] || printf 'ca-certificates '
  ! needs_cgroup_mounts || has cgroupfs-mount || printf 'cgroupfs-mount '
}

# An engine started by hand finds no control groups where no init system has mounted them.
needs_cgroup_mounts() {
  ! has_systemd && [ -z "$(ls -A "$MACHINE_ROOT/sys/fs/cgroup" 2>/dev/null)" ]
}

# confirm_packages WHAT: asks once at a terminal; elsewhere the step's own text says what happens.
confirm_packages() {
  local reply=''
  if ! is_interactive || [ "${ASSUME_YES:-no}" = yes ]; then return 0; fi
  printf 'Missing on this machine: %s. Install now? [Y/n] ' "$1" >&2
  read -r reply || reply=n
  case $reply in
    '' | y | Y | yes | Yes) return 0 ;;
    *) fail 5 "Nothing was installed. Install $1 yourself, then repeat." ;;
  esac
}

# install_packages NAME...
install_packages() {
  # A third-party source that does not answer must not stop packages that come from elsewhere:
  # whether the lists suffice is for the installation to say.
  DEBIAN_FRONTEND=noninteractive apt-get -qq update >"$INSTALL_LOG" 2>&1 </dev/null || true
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
    install "$@" >>"$INSTALL_LOG" 2>&1 </dev/null ||
    fail 5 "apt-get could not install $*: $(grep '^E:' "$INSTALL_LOG" | tail -n 2 | tr '\n' ' ')(log: $INSTALL_LOG)$(beside_archive)"
  # bash remembers where commands were; new ones must be found.
  hash -r
}

# What somebody without a network has to know of an archive.
beside_archive() {
  [ -z "${ARCHIVE:-}" ] ||
    echo '. The archive holds images and npm packages, and no engine: install Docker Engine and Compose 2 first, as from a medium of this system'
}
