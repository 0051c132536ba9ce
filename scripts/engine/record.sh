# shellcheck shell=bash
# The engine that these scripts started, so that exactly that one can be ended.

ENGINE_RECORD=${MACHINE_ROOT:-}/var/run/apictl/engine

# program_of PID: the name of the program that a process runs, empty when there is no such process.
program_of() {
  local target
  target=$(readlink "/proc/$1/exe" 2>/dev/null) || return 0
  target=${target% (deleted)}
  printf '%s' "${target##*/}"
}

# start_time_of PID: clock ticks since boot; with the pid it names one process and no later one.
# The program's name (field 2) may hold blanks: count after its closing parenthesis.
start_time_of() {
  [ -r "/proc/$1/stat" ] || return 0
  sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

pid_in() {
  local pid=''
  # The engine writes its pid files without a newline, for which read answers 1.
  [ ! -f "$1" ] || read -r pid <"$1" 2>/dev/null || true
  case $pid in
    '' | *[!0-9]*) return 0 ;;
    *) printf '%s' "$pid" ;;
  esac
}

# record_engine "process PID" | "service"
record_engine() {
  mkdir -p "${ENGINE_RECORD%/*}"
  case $1 in
    service) echo service >"$ENGINE_RECORD" ;;
    *) echo "process ${1#process } $(start_time_of "${1#process }")" >"$ENGINE_RECORD" ;;
  esac
}

# recorded_engine: "service", "process PID" while exactly that process lives, else nothing.
recorded_engine() {
  local kind='' pid='' started=''
  [ -f "$ENGINE_RECORD" ] || return 0
  read -r kind pid started <"$ENGINE_RECORD" || true
  case $kind in
    service) echo service ;;
    process)
      [ "$(program_of "$pid")" = dockerd ] && [ "$(start_time_of "$pid")" = "$started" ] && echo "process $pid"
      ;;
  esac
  return 0
}
