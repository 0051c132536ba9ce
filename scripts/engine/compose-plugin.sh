# shellcheck shell=bash
# Takes Compose 2 from the next Debian release of the machine's own mirror.

# shellcheck source=scripts/engine/aside.sh
. scripts/engine/aside.sh

COMPOSE_PLUGIN_DIR=${MACHINE_ROOT:-}/usr/local/lib/docker/cli-plugins
COMPOSE_RELEASE=trixie

install_compose_plugin() {
  local aside
  aside=$(mktemp -d)
  if fetch_packages "$aside" "$COMPOSE_RELEASE" docker-compose >>"$INSTALL_LOG" 2>&1 </dev/null &&
    mkdir -p "$COMPOSE_PLUGIN_DIR" &&
    # Copied beside its place and renamed: a killed run must not leave half a program there.
    cp "$aside/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$COMPOSE_PLUGIN_DIR/.docker-compose.new" &&
    chmod 0755 "$COMPOSE_PLUGIN_DIR/.docker-compose.new" &&
    mv "$COMPOSE_PLUGIN_DIR/.docker-compose.new" "$COMPOSE_PLUGIN_DIR/docker-compose"; then
    rm -rf "$aside"
  else
    rm -rf "$aside" "$COMPOSE_PLUGIN_DIR/.docker-compose.new"
    fail 5 "Compose 2 could not be had: $(grep -E '^E:|rror' "$INSTALL_LOG" | tail -n 2 | tr '\n' ' ')(log: $INSTALL_LOG)$(beside_archive)"
  fi
  has_compose || fail 5 "Compose 2 was installed in $COMPOSE_PLUGIN_DIR, but \"docker compose version\" fails: $(docker compose version 2>&1 | tail -n 1)"
}
