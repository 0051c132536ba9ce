# shellcheck shell=bash
# Which Docker Engine is selected, and how it answers.

LOCAL_SOCKET=${MACHINE_ROOT:-}/var/run/docker.sock

# probe_engine: sets ENGINE_STATE to
#   ready       it answers
#   refused     this user may not use it
#   stopped     it does not answer
#   no-command  there is no docker command to ask
# and, unless it is ready, ENGINE_HOST (the endpoint) and ENGINE_REASON (the command's own words).
probe_engine() {
  local answer
  ENGINE_HOST='' ENGINE_REASON=''
  if ! has docker; then
    ENGINE_STATE=no-command
    ENGINE_HOST=${DOCKER_HOST:-unix://$LOCAL_SOCKET}
    return 0
  fi
  if answer=$(docker version --format '{{.Server.APIVersion}}' 2>&1); then
    ENGINE_STATE=ready
    return 0
  fi
  ENGINE_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) ||
    ENGINE_HOST=${DOCKER_HOST:-unix://$LOCAL_SOCKET}
  ENGINE_REASON=$(printf '%s' "$answer" | grep -v '^WARNING' | tr '\n' ' ' | sed 's/^ *//; s/ *$//')
  case $answer in
    *'permission denied'*) ENGINE_STATE=refused ;;
    *) ENGINE_STATE=stopped ;;
  esac
}

engine_answers() { docker version --format '{{.Server.APIVersion}}' >/dev/null 2>&1; }

# The engine of this machine, as opposed to one that DOCKER_HOST or a docker context points at.
engine_is_local() {
  case $ENGINE_HOST in
    "unix://$LOCAL_SOCKET" | unix:///var/run/docker.sock | unix:///run/docker.sock) return 0 ;;
    *) return 1 ;;
  esac
}

has_compose() {
  case $(docker compose version --short 2>/dev/null) in
    2.* | v2.* | [3-9].* | v[3-9].* | [1-9][0-9].*) return 0 ;;
    *) return 1 ;;
  esac
}
