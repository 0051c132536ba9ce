# shellcheck shell=bash
# From "what is there" to a plan of steps, and from the plan to an engine that answers.
# Needs scripts/prepare/{progress,machine}.sh.

# shellcheck source=scripts/engine/selection.sh
. scripts/engine/selection.sh
# shellcheck source=scripts/engine/packages.sh
. scripts/engine/packages.sh
# shellcheck source=scripts/engine/obstacle.sh
. scripts/engine/obstacle.sh
# shellcheck source=scripts/engine/compose-plugin.sh
. scripts/engine/compose-plugin.sh
# shellcheck source=scripts/engine/start.sh
. scripts/engine/start.sh
# shellcheck source=scripts/engine/debootstrap.sh
. scripts/engine/debootstrap.sh

# plan_engine: sets ENGINE_STEPS (words of "start", "packages", "compose", in order), PACKAGES and
# ENGINE_OBSTACLE (empty, or why nothing can be done). Changes nothing.
plan_engine() {
  ENGINE_STEPS='' PACKAGES='' BORROW_COMPOSE=no
  probe_engine
  ENGINE_OBSTACLE=$(engine_obstacle)
  [ -z "$ENGINE_OBSTACLE" ] || return 0
  [ "$ENGINE_STATE" = ready ] || PACKAGES=$(engine_packages)
  plan_compose
  [ -z "$ENGINE_OBSTACLE" ] || return 0
  plan_debootstrap
  PACKAGES=${PACKAGES% }
  [ -z "$PACKAGES" ] || ENGINE_STEPS='packages'
  [ "$BORROW_COMPOSE" = no ] || ENGINE_STEPS="$ENGINE_STEPS compose"
  [ "$ENGINE_STATE" = ready ] || ENGINE_STEPS="$ENGINE_STEPS start"
}

plan_compose() {
  if has docker && has_compose; then return 0; fi
  ENGINE_OBSTACLE=$(compose_obstacle)
  [ -z "$ENGINE_OBSTACLE" ] || return 0
  case $(compose_source) in
    package) PACKAGES="${PACKAGES}docker-compose " ;;
    borrow) BORROW_COMPOSE=yes ;;
  esac
}

# Beside a new engine debootstrap comes in the same transaction: on a machine without Docker there
# is no image to start from. An engine that is only stopped is asked once it runs.
plan_debootstrap() {
  if [ "$ENGINE_STATE" = ready ]; then
    ! needs_debootstrap || PACKAGES="${PACKAGES}debootstrap "
  elif ! has dockerd && ! has debootstrap && [ "${IMAGE_FLAVOUR:-auto}" != official ] && [ -z "${ARCHIVE:-}" ]; then
    PACKAGES="${PACKAGES}debootstrap "
  fi
}

require_no_obstacle() {
  [ -z "$ENGINE_OBSTACLE" ] || fail 5 "$ENGINE_OBSTACLE"
}

# What the question names and what the plan installs are the same list.
missing_software() {
  local list
  list=$(printf '%s' "$PACKAGES" | sed 's/ /, /g')
  [ "$BORROW_COMPOSE" = no ] || list="${list:+$list, }Compose 2 (docker-compose of Debian $COMPOSE_RELEASE)"
  printf '%s' "$list"
}

# prepare_engine: does what plan_engine found.
prepare_engine() {
  local each just_installed=no
  case $ENGINE_STEPS in
    *packages* | *compose*) confirm_packages "$(missing_software)" ;;
  esac
  [ -n "$ENGINE_STEPS" ] || return 0
  has dockerd || just_installed=yes
  : >"$INSTALL_LOG"
  for each in $ENGINE_STEPS; do
    case $each in
      packages)
        step "Installing Debian packages: $PACKAGES"
        # shellcheck disable=SC2086
        timed install_packages $PACKAGES
        ;;
      compose)
        step "Installing Compose 2 from Debian $COMPOSE_RELEASE into $COMPOSE_PLUGIN_DIR"
        timed install_compose_plugin
        ;;
      start)
        step 'Starting Docker Engine'
        timed start_engine $just_installed
        case $(recorded_engine) in
          process*) note "its log: $DOCKERD_LOG; \"make engine-stop\" ends it" ;;
        esac
        ;;
    esac
  done
  [ "$ENGINE_STATE" = ready ] || prepare_late_debootstrap
}

prepare_late_debootstrap() {
  needs_debootstrap || return 0
  confirm_packages debootstrap
  step 'Installing Debian packages: debootstrap'
  timed install_packages debootstrap
}
