# shellcheck shell=bash
# Packages of any Debian release from the machine's own mirror, unpacked into a directory. apt keeps
# no trace: lists, caches and sources of such a download live in that directory.

# The mirror that the machine itself uses for its release.
debian_mirror() {
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' -v codename="$(os_release VERSION_CODENAME)" \
      '$1 == "Debian" && $2 == codename && $3 == "main" && !found { print $4; found = 1 }'
}

# apt_aside DIRECTORY ARGUMENT...: apt-get that knows only what is in that directory.
apt_aside() {
  local aside=$1
  shift
  apt-get -qq \
    -o Dir::Etc::sourcelist="$aside/sources.list" -o Dir::Etc::sourceparts="$aside/parts" \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$aside/parts" \
    -o Dir::State::lists="$aside/lists" -o Dir::Cache::archives="$aside/archives" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

# fetch_packages DIRECTORY RELEASE NAME...: leaves the unpacked packages in DIRECTORY/unpacked.
# DIRECTORY is an absolute path.
fetch_packages() {
  local aside=$1 release=$2 mirror package
  shift 2
  mirror=$(debian_mirror)
  if [ -z "$mirror" ]; then
    # The lists are empty: a machine that has never asked its mirror.
    apt-get -qq update
    mirror=$(debian_mirror)
  fi
  [ -n "$mirror" ] || { echo 'E: apt knows no Debian mirror' && return 1; }
  mkdir -p "$aside/parts" "$aside/lists/partial" "$aside/archives/partial" "$aside/unpacked" || return 1
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$mirror" "$release" >"$aside/sources.list" || return 1
  apt_aside "$aside" update || return 1
  (cd "$aside" && apt_aside "$aside" download "$@") || return 1
  for package in "$aside"/*.deb; do
    dpkg -x "$package" "$aside/unpacked" || return 1
  done
}
