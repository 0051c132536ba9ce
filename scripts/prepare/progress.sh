# shellcheck shell=bash
# What a run says: "[n/m] text" for each step, and at most one error.

PROGRESS_TOTAL=${PROGRESS_TOTAL:-0}
PROGRESS_DONE=${PROGRESS_DONE:-0}

# step TEXT: announces the next step on stderr.
step() {
  PROGRESS_DONE=$((PROGRESS_DONE + 1))
  # A step found late (after the engine answered) must not print [4/3].
  [ "$PROGRESS_DONE" -le "$PROGRESS_TOTAL" ] || PROGRESS_TOTAL=$PROGRESS_DONE
  printf '[%d/%d] %s\n' "$PROGRESS_DONE" "$PROGRESS_TOTAL" "$1" >&2
}

note() {
  printf '      %s\n' "$1" >&2
}

# timed COMMAND...: runs a step's work and says how long it took when that is worth saying.
timed() {
  local started=$SECONDS
  "$@"
  [ $((SECONDS - started)) -lt 2 ] || note "done in $((SECONDS - started)) s"
}

# fail EXIT_CODE MESSAGE: the one error of this run. Whoever wants to report it in its own
# words (the test runner does) sets FAIL_FILE and finds the message there instead.
fail() {
  if [ -n "${FAIL_FILE:-}" ]; then
    printf '%s\n' "$2" >"$FAIL_FILE"
  else
    printf 'error: %s\n' "$2" >&2
  fi
  exit "$1"
}

# last_lines FILE [COUNT]: the end of a log, joined to one readable line for an error message.
last_lines() {
  tail -n "${2:-3}" "$1" | tr '\n' ' ' | sed 's/  */ /g; s/ $//'
}
