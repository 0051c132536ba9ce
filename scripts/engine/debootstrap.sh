# shellcheck shell=bash
# The embedded images stand on a base system that debootstrap makes; the package is needed only
# where images will be built on this machine and nothing to start from is there.

OFFICIAL_GATEWAY_IMAGE=kong:3.8.0

# needs_debootstrap: the engine must answer.
needs_debootstrap() {
  # An archive brings the images.
  [ -z "${ARCHIVE:-}" ] || return 1
  ! has debootstrap && is_debian && is_root && [ "${IMAGE_FLAVOUR:-auto}" != official ] || return 1
  [ "${IMAGE_FLAVOUR:-auto}" = embedded ] || ! has_starting_image || return 1
  [ "${IMAGE_FLAVOUR:-auto}" = embedded ] || ! registry_answers
}

# The official gateway image, a Debian image, or what an earlier build left.
has_starting_image() {
  [ -n "$(docker image ls --quiet --filter "reference=$OFFICIAL_GATEWAY_IMAGE" --filter reference=debian --filter 'reference=apictl/*')" ]
}

# Asks through the engine, because it is the engine that will pull.
registry_answers() {
  local host
  host=$(docker context inspect --format '{{.Endpoints.docker.Host}}')
  node scripts/engine/registry-answers.mjs "$host" "$OFFICIAL_GATEWAY_IMAGE"
}
