# shellcheck shell=bash
# Brings the machine and the clone to the point where apictl can run, and does nothing when they
# are there already. Source this from the root of the repository.

# shellcheck source=scripts/prepare/progress.sh
. scripts/prepare/progress.sh
# shellcheck source=scripts/prepare/machine.sh
. scripts/prepare/machine.sh
# shellcheck source=scripts/prepare/node.sh
. scripts/prepare/node.sh
# shellcheck source=scripts/engine/engine.sh
. scripts/engine/engine.sh

# plan_node packages|node|all: sets NODE_STEPS, words of "install" and "build".
plan_node() {
  NODE_STEPS=''
  npm_packages_are_current || NODE_STEPS='install'
  [ "$1" != packages ] || return 0
  if [ -n "$NODE_STEPS" ] || ! build_is_current; then NODE_STEPS="$NODE_STEPS build"; fi
}

prepare_node() {
  local each
  for each in $NODE_STEPS; do
    case $each in
      install)
        step 'Installing npm packages'
        timed install_npm_packages
        ;;
      build)
        step 'Building apictl and its services'
        timed build
        ;;
    esac
  done
}

count_words() { printf '%s' $#; }

# Two runs in one clone must not install or build at once: the second waits and finds nothing to do.
lock_clone() {
  has flock || return 0
  exec 9>"$RUN_DIR/prepare.lock"
  flock 9
}

unlock_clone() { exec 9>&-; }

# plan SCOPE: looks, and changes nothing but the counter of steps.
plan() {
  ENGINE_STEPS=''
  plan_node "$1"
  if [ "$1" = all ]; then
    plan_engine
    require_no_obstacle
  fi
  # shellcheck disable=SC2086 # words are counted
  PROGRESS_TOTAL=$(count_words $ENGINE_STEPS $NODE_STEPS)
}

# prepare packages|node|all STEPS_AFTER: npm packages; these and the build; these and the engine.
# STEPS_AFTER is how many steps the caller adds where there was anything to do; PROGRESS_TOTAL is 0
# where there was not.
prepare() {
  mkdir -p "$RUN_DIR"
  require_node
  plan "$1"
  [ "$PROGRESS_TOTAL" != 0 ] || return 0
  lock_clone
  plan "$1"
  PROGRESS_TOTAL=$((PROGRESS_TOTAL + $2))
  [ "$1" != all ] || prepare_engine
  prepare_node
  unlock_clone
}
