#!/usr/bin/env bash
# make engine-stop: ends the Docker Engine that these scripts started, and no other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/prepare/progress.sh
. scripts/prepare/progress.sh
# shellcheck source=scripts/prepare/machine.sh
. scripts/prepare/machine.sh
# shellcheck source=scripts/engine/record.sh
. scripts/engine/record.sh

# Containers get ten seconds each to end before the engine does.
STOP_SECONDS=${ENGINE_STOP_SECONDS:-60}

stop_process() {
  local pid=$1 deadline=$((SECONDS + STOP_SECONDS))
  kill -TERM "$pid" 2>/dev/null || fail 5 "Docker Engine (pid $pid) belongs to another user: repeat as root."
  while [ "$(recorded_engine)" = "process $pid" ]; do
    [ $SECONDS -lt $deadline ] || fail 5 "Docker Engine (pid $pid) is still stopping after $STOP_SECONDS s: it waits for its containers. Repeat to wait longer."
    sleep 0.1
  done
}

engine=$(recorded_engine)
case $engine in
  '')
    echo 'No engine that make started is running: nothing to do.' >&2
    [ ! -w "$(dirname "$ENGINE_RECORD")" ] || rm -f "$ENGINE_RECORD"
    exit 0
    ;;
  service)
    systemctl stop docker.socket docker.service || fail 5 'systemctl could not stop Docker Engine: repeat as root.'
    ;;
  *) stop_process "${engine#process }" ;;
esac
rm -f "$ENGINE_RECORD"
echo 'Docker Engine stopped. "make up" starts it again.' >&2
