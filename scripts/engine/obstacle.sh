# shellcheck shell=bash
# Why this run cannot make the engine usable by itself: one line that says what to do instead.
# Both functions print nothing where the scripts can do it.

# engine_obstacle: needs what probe_engine sets.
engine_obstacle() {
  case $ENGINE_STATE in
    ready) return 0 ;;
    refused)
      printf '%s\n' "Docker Engine at $ENGINE_HOST refuses this user: run \"sudo usermod -aG docker $(id -un)\", log in again, then repeat."
      return 0
      ;;
  esac
  if is_macos; then
    if [ "$ENGINE_STATE" = no-command ]; then
      printf '%s\n' 'Docker is not installed: install Docker Desktop, start it, then repeat.'
    elif [ -n "${DOCKER_HOST:-}" ]; then
      printf '%s\n' "Docker Engine at $ENGINE_HOST (DOCKER_HOST) does not answer: start it, or unset DOCKER_HOST."
    else
      printf '%s\n' 'Docker Desktop is not running: start it, wait until it says so, then repeat.'
    fi
  elif ! engine_is_local; then
    if [ "$ENGINE_STATE" = no-command ]; then
      printf '%s\n' "DOCKER_HOST selects $ENGINE_HOST, but there is no docker command: install it with its Compose 2 plugin."
    else
      printf '%s\n' "Docker Engine at $ENGINE_HOST does not answer ($ENGINE_REASON): start it, or select another with \"docker context use\" or DOCKER_HOST."
    fi
  elif ! is_root; then
    if ! has dockerd && is_debian; then
      printf '%s\n' 'Docker Engine is not installed: run "sudo make engine-start" once, then repeat.'
    elif ! has dockerd; then
      printf '%s\n' 'Docker Engine is not installed: install it and its Compose 2 plugin as this system does it, then repeat.'
    elif has_systemd; then
      printf '%s\n' 'Docker Engine is not running: run "sudo systemctl start docker", then repeat.'
    else
      printf '%s\n' 'Docker Engine is not running: run "sudo make engine-start", then repeat.'
    fi
  elif ! { has dockerd && has docker; } && ! is_debian; then
    printf '%s\n' 'Docker Engine is not installed: install it and its Compose 2 plugin as this system does it, then repeat.'
  fi
}

# compose_obstacle: needs Compose 2 to be missing.
compose_obstacle() {
  if is_macos; then
    printf '%s\n' 'Compose 2 is missing ("docker compose version" fails): Docker Desktop brings it; update Docker Desktop.'
  elif ! is_debian || [ "$(compose_source)" = none ]; then
    printf '%s\n' 'Compose 2 is missing ("docker compose version" fails): install the Compose 2 plugin of Docker as this system does it.'
  elif ! is_root; then
    printf '%s\n' 'Compose 2 is missing ("docker compose version" fails): run "sudo make engine-start" once, then repeat.'
  fi
}
