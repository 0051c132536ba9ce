# shellcheck shell=bash
# Starts the installed Docker Engine: through systemd where it runs, else by hand.

# shellcheck source=scripts/engine/record.sh
. scripts/engine/record.sh

DOCKERD_PIDFILE=${MACHINE_ROOT:-}/var/run/docker.pid
DOCKERD_EXEC_ROOT=${MACHINE_ROOT:-}/var/run/docker
DOCKERD_DATA_ROOT=${MACHINE_ROOT:-}/var/lib/docker
DOCKERD_CONFIG=${MACHINE_ROOT:-}/etc/docker/daemon.json
DOCKERD_LOG=${MACHINE_ROOT:-}/var/log/apictl-dockerd.log
ENGINE_START_SECONDS=${ENGINE_START_SECONDS:-60}

# start_engine yes|no: yes where these scripts have just installed it.
start_engine() {
  if has_systemd && systemctl cat docker.service >/dev/null 2>&1; then
    start_engine_by_systemd "$1"
  else
    start_engine_by_hand "$1"
  fi
}

start_engine_by_systemd() {
  # What somebody else installed keeps its own choice of whether it starts with the machine.
  local words='start docker'
  [ "$1" = no ] || words='enable --now docker'
  # shellcheck disable=SC2086
  systemctl $words >>"$INSTALL_LOG" 2>&1 || fail 5 'Docker Engine did not start: "journalctl -u docker" says why.'
  record_engine service
  wait_for_engine || fail 5 'Docker Engine runs under systemd but does not answer: "journalctl -u docker" says why.'
}

start_engine_by_hand() {
  local pid
  pid=$(running_dockerd)
  if [ -n "$pid" ]; then
    # Either it is still starting, or the package's own script has just started it.
    wait_for_engine "$pid" || fail 5 "dockerd runs (pid $pid) but does not answer at unix://$LOCAL_SOCKET."
    [ "$1" = no ] || record_engine "process $pid"
    return 0
  fi
  remove_foreign_pid_files
  ! needs_cgroup_mounts || cgroupfs-mount >>"$INSTALL_LOG" 2>&1 ||
    fail 5 "cgroupfs-mount failed: $(last_lines "$INSTALL_LOG" 2) (log: $INSTALL_LOG)"
  mkdir -p "${DOCKERD_LOG%/*}"
  local log_start
  log_start=$(wc -c 2>/dev/null <"$DOCKERD_LOG" || echo 0)
  # Its own session and no terminal: it outlives this shell. Descriptor 9 is the lock of the clone.
  # shellcheck disable=SC2046 # options have no blanks
  setsid dockerd $(dockerd_options) >>"$DOCKERD_LOG" 2>&1 </dev/null 9>&- &
  pid=$!
  record_engine "process $pid"
  wait_for_engine "$pid" && return 0
  fail 5 "Docker Engine did not start: $(dockerd_complaint "$log_start") (log: $DOCKERD_LOG)"
}

# A second engine on one machine shares nothing with the first; the only one has Docker's defaults.
dockerd_options() {
  [ -n "${MACHINE_ROOT:-}" ] || return 0
  printf '%s\n' "--host=unix://$LOCAL_SOCKET" "--pidfile=$DOCKERD_PIDFILE" \
    "--exec-root=$DOCKERD_EXEC_ROOT" "--data-root=$DOCKERD_DATA_ROOT"
  [ ! -f "$DOCKERD_CONFIG" ] || printf '%s\n' "--config-file=$DOCKERD_CONFIG"
}

# dockerd's last words in this start's part of the log.
dockerd_complaint() {
  local said
  said=$(tail -c "+$(($1 + 1))" "$DOCKERD_LOG" | tail -n 20)
  printf '%s\n' "$said" | grep -E '^failed|level=fatal|level=error|rror' | tail -n 1 | grep . ||
    printf '%s\n' "$said" | tail -n 1 | grep . || echo "no answer within $ENGINE_START_SECONDS s"
}

# wait_for_engine [PID]: until it answers; gives up at the deadline, or soon after PID has ended.
wait_for_engine() {
  local deadline=$((SECONDS + ENGINE_START_SECONDS))
  until engine_answers; do
    [ $SECONDS -lt $deadline ] || return 1
    if [ -n "${1:-}" ] && [ -z "$(program_of "$1")" ]; then
      # Another run may have started one in the same moment: that one answers, or is about to.
      [ -n "$(running_dockerd)" ] || return 1
    fi
    sleep 0.2
  done
}

# running_dockerd: the pid of this machine's dockerd, by its pid file or by its containerd.
running_dockerd() {
  local pid
  pid=$(pid_in "$DOCKERD_PIDFILE")
  if [ -n "$pid" ] && [ "$(program_of "$pid")" = dockerd ]; then
    printf '%s' "$pid"
    return 0
  fi
  pid=$(parent_of "$(own_containerd)")
  [ "$(program_of "$pid")" != dockerd ] || printf '%s' "$pid"
}

own_containerd() {
  local pid
  pid=$(pid_in "$DOCKERD_EXEC_ROOT/containerd/containerd.pid")
  if [ -n "$pid" ] && [ "$(program_of "$pid")" = containerd ] &&
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "^$DOCKERD_EXEC_ROOT/containerd/"; then
    printf '%s' "$pid"
  fi
}

parent_of() {
  [ -n "$1" ] || return 0
  sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null
}

# After a crash or a reboot a pid file may name a process that is something else by now, and a
# killed engine leaves its containerd behind: dockerd refuses to start beside the one and waits
# in vain for the other. There is no living dockerd when this is called.
remove_foreign_pid_files() {
  local orphan
  orphan=$(own_containerd)
  if [ -n "$orphan" ]; then
    note "ending containerd (pid $orphan), left behind by an engine that was killed"
    end_process "$orphan" 10
  fi
  rm -f "$DOCKERD_PIDFILE" "$DOCKERD_EXEC_ROOT/containerd/containerd.pid"
}

# end_process PID SECONDS: asks, waits, then kills.
end_process() {
  local deadline=$((SECONDS + $2))
  kill -TERM "$1" 2>/dev/null || return 0
  # Not "kill -0", which also finds an ended process that nobody has collected yet.
  while [ -n "$(program_of "$1")" ]; do
    if [ $SECONDS -ge $deadline ]; then
      kill -KILL "$1" 2>/dev/null || true
      return 0
    fi
    sleep 0.1
  done
}
