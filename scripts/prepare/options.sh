# shellcheck shell=bash
# The few options of "apictl up" that decide what has to be installed. apictl itself checks them all.

# read_options ARGUMENT...: sets ASSUME_YES and IMAGE_FLAVOUR.
read_options() {
  ASSUME_YES=no
  IMAGE_FLAVOUR=${APICTL_IMAGES:-auto}
  while [ $# -gt 0 ]; do
    case $1 in
      --yes) ASSUME_YES=yes ;;
      --images) IMAGE_FLAVOUR=${2:-auto} ;;
      --images=*) IMAGE_FLAVOUR=${1#--images=} ;;
    esac
    shift
  done
  export ASSUME_YES IMAGE_FLAVOUR
}
