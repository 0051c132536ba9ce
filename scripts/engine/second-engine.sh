#!/usr/bin/env bash
# A second Docker Engine beside the machine's own, for tests and benchmarks. It has a network
# namespace, a data folder and a socket of its own; the first engine, its networks and the machine's
# packages stay as they are. Linux, root.
#
#   second-engine.sh start NAME --version 20.10|28   starts it; goes on with the data of a halted one
#   second-engine.sh run NAME COMMAND...             runs COMMAND against it, inside its network namespace
#   second-engine.sh images NAME [IMAGE...]          copies these images of the selected engine into it, or all apictl/*
#   second-engine.sh env NAME                        prints DOCKER_HOST and DOCKER_CONFIG
#   second-engine.sh pid NAME                        prints dockerd's pid (to kill it in a test)
#   second-engine.sh halt NAME                       ends it; its containers and data stay
#   second-engine.sh stop NAME                       ends it and removes everything it had
#
# The socket is reachable from everywhere. Published ports are those of its network namespace: reach
# them with "run". Nothing leads out of that namespace, so images come from "images", not from pulls.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
CLONE=$PWD

usage() {
  sed -n 's/^#   //p' "$CLONE/scripts/engine/second-engine.sh" >&2
  exit 64
}

VERB=${1:-}
NAME=${2:-}
[ $# -ge 2 ] || usage
shift 2
case $NAME in
  '' | *[!a-z0-9-]* | -* | programs)
    echo "error: \"$NAME\" is no name for an engine: use a-z, 0-9 and -" >&2
    exit 64
    ;;
esac

ENGINES_DIR=$CLONE/.run/engines
# Every system path of this engine begins with it.
MACHINE_ROOT=$ENGINES_DIR/$NAME
NETNS=apictl-$NAME

# shellcheck source=scripts/prepare/progress.sh
. scripts/prepare/progress.sh
# shellcheck source=scripts/prepare/machine.sh
. scripts/prepare/machine.sh
# shellcheck source=scripts/engine/selection.sh
. scripts/engine/selection.sh
# shellcheck source=scripts/engine/packages.sh
. scripts/engine/packages.sh
# shellcheck source=scripts/engine/aside.sh
. scripts/engine/aside.sh
# shellcheck source=scripts/engine/start.sh
. scripts/engine/start.sh
# shellcheck source=scripts/engine/second-programs.sh
. scripts/engine/second-programs.sh

require_machine() {
  [ "$(uname -s)" = Linux ] && is_root || fail 8 'a second engine needs Linux and root'
  has ip && has nsenter || fail 8 'a second engine needs the packages iproute2 and util-linux'
  # A socket's path has at most 107 characters, and the engine makes some below its folder.
  [ ${#MACHINE_ROOT} -le 58 ] ||
    fail 8 "$MACHINE_ROOT is too long a path for the engine's sockets (58 characters at most): use a shorter NAME or a clone elsewhere"
}

require_known() { [ -f "$MACHINE_ROOT/version" ] || fail 64 "there is no second engine \"$NAME\": start it first"; }

# Sets what the engine's own programs and its callers share.
select_second() {
  local programs
  programs=$ENGINES_DIR/programs/$(cat "$MACHINE_ROOT/version")
  PATH=$programs/bin:$PATH
  export PATH DOCKER_HOST="unix://$LOCAL_SOCKET"
  unset DOCKER_CONTEXT
  # Without plugins of its own it uses the machine's.
  [ -z "$(ls -A "$programs/docker/cli-plugins")" ] || export DOCKER_CONFIG="$programs/docker"
}

print_environment() {
  printf 'DOCKER_HOST=%s\n' "$DOCKER_HOST"
  [ -z "${DOCKER_CONFIG:-}" ] || printf 'DOCKER_CONFIG=%s\n' "$DOCKER_CONFIG"
}

# Not "ip netns exec", which hides the control groups under /sys.
inside() { nsenter --net="/run/netns/$NETNS" "$@"; }

make_network_namespace() {
  if [ ! -e "/run/netns/$NETNS" ]; then
    ip netns add "$NETNS"
    : >"$MACHINE_ROOT/owns-netns"
  fi
  [ -f "$MACHINE_ROOT/owns-netns" ] ||
    fail 8 "the network namespace $NETNS belongs to somebody else: choose another NAME"
  inside ip link set lo up
}

make_root() {
  mkdir -p "$MACHINE_ROOT/etc/docker"
  # The kernel's files are the machine's.
  [ -e "$MACHINE_ROOT/sys" ] || ln -s /sys "$MACHINE_ROOT/sys"
  # The machine's own daemon.json and key are the first engine's.
  if [ "$1" = 20.10 ]; then
    printf '{ "deprecated-key-path": "%s" }\n' "$MACHINE_ROOT/etc/docker/key.json" >"$DOCKERD_CONFIG"
  else
    echo '{}' >"$DOCKERD_CONFIG"
  fi
  echo "$1" >"$MACHINE_ROOT/version"
}

boot() {
  select_second
  mkdir -p "${LOCAL_SOCKET%/*}"
  # A subshell of the namespace: the daemon must be born there.
  export MACHINE_ROOT
  # shellcheck disable=SC2016 # for the inner shell
  inside bash -euo pipefail -c '
    . scripts/prepare/progress.sh
    . scripts/prepare/machine.sh
    . scripts/engine/selection.sh
    . scripts/engine/packages.sh
    . scripts/engine/start.sh
    start_engine_by_hand no' </dev/null
}

start() {
  local version=''
  case ${1:-} in
    --version) version=${2:-} ;;
    --version=*) version=${1#--version=} ;;
  esac
  case " $ENGINE_VERSIONS " in
    *" ${version:-none} "*) ;;
    *) fail 64 "start $NAME needs --version, one of: $ENGINE_VERSIONS" ;;
  esac
  require_machine
  [ ! -f "$MACHINE_ROOT/version" ] || [ "$(cat "$MACHINE_ROOT/version")" = "$version" ] ||
    fail 64 "\"$NAME\" is an engine of version $(cat "$MACHINE_ROOT/version"): stop it first, or choose another name"
  # The mirror is that of the machine itself.
  MACHINE_ROOT="" fetch_programs "$version"
  require_version "$version"
  make_root "$version"
  make_network_namespace
  boot
  print_environment
}

halt() {
  select_second
  export MACHINE_ROOT
  scripts/engine/stop.sh 2>/dev/null || fail 5 "the engine \"$NAME\" does not end (log: $DOCKERD_LOG)"
}

remove_everything() {
  local running
  make_network_namespace
  # An engine that was killed has left its containers running: it ends them itself.
  boot
  running=$(docker ps --quiet)
  # shellcheck disable=SC2086 # ids
  [ -z "$running" ] || docker kill $running >/dev/null 2>&1 || true
  halt
  unmount_below "$MACHINE_ROOT"
  ip netns delete "$NETNS"
  rm -rf "$MACHINE_ROOT"
}

# unmount_below DIRECTORY: deepest first.
unmount_below() {
  local each
  awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
    while read -r each; do umount "$(printf '%b' "$each")"; done
}

case $VERB in
  start) start "$@" ;;
  stop)
    require_machine
    if [ -f "$MACHINE_ROOT/version" ]; then remove_everything; fi
    ;;
  halt)
    require_known
    halt
    ;;
  pid)
    require_known
    pid=$(running_dockerd)
    [ -n "$pid" ] || fail 5 "the engine \"$NAME\" does not run"
    echo "$pid"
    ;;
  env)
    require_known
    select_second
    print_environment
    ;;
  run)
    require_known
    [ $# -gt 0 ] || usage
    select_second
    cd "${OLDPWD:-$CLONE}"
    exec nsenter --net="/run/netns/$NETNS" "$@"
    ;;
  images)
    require_known
    images=${*:-$(docker image ls --filter 'reference=apictl/*' --format '{{.Repository}}:{{.Tag}}')}
    [ -n "$images" ] || fail 5 'the selected engine has no apictl/* images: run "make up" once'
    # shellcheck disable=SC2086 # names
    docker save $images | (select_second && docker load >&2)
    ;;
  *) usage ;;
esac
