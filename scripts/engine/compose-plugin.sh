# shellcheck shell=bash
# Takes Compose 2 from the next Debian release of the machine's own mirror. apt keeps no trace:
# lists, caches and sources of this one download live in a temporary directory.

COMPOSE_PLUGIN_DIR=${MACHINE_ROOT:-}/usr/local/lib/docker/cli-plugins
COMPOSE_RELEASE=trixie

# The mirror that the machine itself uses for its release.
debian_mirror() {
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' -v codename="$(os_release VERSION_CODENAME)" \
      '$1 == "Debian" && $2 == codename && $3 == "main" && !found { print $4; found = 1 }'
}

# apt_aside DIRECTORY ARGUMENT...: apt-get that knows only what is in that directory.
apt_aside() {
  local aside=$1
  shift
  apt-get -qq \
    -o Dir::Etc::sourcelist="$aside/sources.list" -o Dir::Etc::sourceparts="$aside/parts" \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$aside/parts" \
    -o Dir::State::lists="$aside/lists" -o Dir::Cache::archives="$aside/archives" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

# fetch_compose_package DIRECTORY: leaves the unpacked package in DIRECTORY/unpacked.
fetch_compose_package() {
  local aside=$1 mirror
  mirror=$(debian_mirror)
  if [ -z "$mirror" ]; then
    # The lists are empty: a machine that has never asked its mirror.
    apt-get -qq update
    mirror=$(debian_mirror)
  fi
  [ -n "$mirror" ] || { echo 'E: apt knows no Debian mirror' && return 1; }
  mkdir -p "$aside/parts" "$aside/lists/partial" "$aside/archives/partial" "$aside/unpacked" || return 1
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$mirror" "$COMPOSE_RELEASE" >"$aside/sources.list" || return 1
  apt_aside "$aside" update || return 1
  (cd "$aside" && apt_aside "$aside" download docker-compose) || return 1
  dpkg -x "$aside"/docker-compose_*.deb "$aside/unpacked"
}

install_compose_plugin() {
  local aside
  aside=$(mktemp -d)
  if fetch_compose_package "$aside" >>"$INSTALL_LOG" 2>&1 </dev/null &&
    mkdir -p "$COMPOSE_PLUGIN_DIR" &&
    # Copied beside its place and renamed: a killed run must not leave half a program there.
    cp "$aside/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$COMPOSE_PLUGIN_DIR/.docker-compose.new" &&
    chmod 0755 "$COMPOSE_PLUGIN_DIR/.docker-compose.new" &&
    mv "$COMPOSE_PLUGIN_DIR/.docker-compose.new" "$COMPOSE_PLUGIN_DIR/docker-compose"; then
    rm -rf "$aside"
  else
    rm -rf "$aside" "$COMPOSE_PLUGIN_DIR/.docker-compose.new"
    fail 5 "Compose 2 could not be had: $(grep -E '^E:|rror' "$INSTALL_LOG" | tail -n 2 | tr '\n' ' ')(log: $INSTALL_LOG)"
  fi
  has_compose || fail 5 "Compose 2 was installed in $COMPOSE_PLUGIN_DIR, but \"docker compose version\" fails: $(docker compose version 2>&1 | tail -n 1)"
}
