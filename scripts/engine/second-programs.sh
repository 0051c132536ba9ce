# shellcheck shell=bash
# The programs of another Docker Engine, from the Debian release that ships it. They are unpacked
# beside the machine's own, never installed. runc and what else they need is the machine's.

ENGINE_VERSIONS='20.10 28'

# release_of VERSION: the Debian release, which is what pins the version.
release_of() {
  case $1 in
    20.10) echo bookworm ;;
    28) echo sid ;;
  esac
}

# packages_of VERSION: bookworm's docker.io brings the command itself; its Compose is the dead v1,
# so the machine's plugin serves both the first engine and a second one of that version.
packages_of() {
  case $1 in
    20.10) echo 'docker.io containerd' ;;
    28) echo 'docker.io docker-cli docker-compose containerd' ;;
  esac
}

# fetch_programs VERSION: leaves bin/ and docker/cli-plugins/ in ENGINES_DIR/programs/VERSION.
fetch_programs() {
  local version=$1 target=$ENGINES_DIR/programs/$1 aside
  [ ! -d "$target" ] || return 0
  mkdir -p "$ENGINES_DIR/programs"
  # Beside its target, so that the finished folder is moved there as a whole.
  aside=$(mktemp -d "$ENGINES_DIR/programs/.$version.XXXXXX")
  : >"$INSTALL_LOG"
  # shellcheck disable=SC2046 # names have no blanks
  if fetch_packages "$aside" "$(release_of "$version")" $(packages_of "$version") >>"$INSTALL_LOG" 2>&1 </dev/null &&
    gather_programs "$aside" && mv "$aside/programs" "$target"; then
    rm -rf "$aside"
  else
    rm -rf "$aside"
    fail 5 "Docker Engine $version could not be had: $(last_lines "$INSTALL_LOG" 2) (log: $INSTALL_LOG)"
  fi
}

gather_programs() {
  local unpacked=$1/unpacked programs=$1/programs each
  mkdir -p "$programs/bin" "$programs/docker/cli-plugins"
  for each in "$unpacked"/usr/bin/* "$unpacked"/usr/sbin/*; do
    # docker-init is a link to a program beside it; links to other places are not needed.
    [ ! -f "$each" ] || cp "$each" "$programs/bin/" || return 1
  done
  for each in "$unpacked"/usr/libexec/docker/cli-plugins/*; do
    [ ! -f "$each" ] || cp "$each" "$programs/docker/cli-plugins/" || return 1
  done
}

# require_version VERSION: sid moves on; a name must not hide another engine.
require_version() {
  local version=$1 found
  found=$("$ENGINES_DIR/programs/$version/bin/dockerd" --version 2>&1) ||
    fail 5 "dockerd of Debian $(release_of "$version") does not run here: $found"
  case $found in
    "Docker version $version."*) return 0 ;;
  esac
  rm -rf "$ENGINES_DIR/programs/$version"
  fail 5 "Debian $(release_of "$version") no longer has Docker Engine $version: $found"
}
