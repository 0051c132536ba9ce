# shellcheck shell=bash
# Node.js, the npm packages and the built files: each is left alone while it is current.

NODE_STAMP=node_modules/.apictl-package-lock
BUILD_STAMP=dist/.built

require_node() {
  has node || fail 8 'Node.js is not installed: apictl needs version 20.11 or newer.'
  local version major minor
  version=$(node --version)
  major=${version#v} && major=${major%%.*}
  minor=${version#v*.} && minor=${minor%%.*}
  if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 11 ]; }; then
    fail 8 "Node.js $version is too old: apictl needs version 20.11 or newer."
  fi
}

# The stamp is a copy of the lock file that node_modules was made from: comparing costs a
# millisecond. Where someone ran npm by hand, npm's own record decides.
npm_packages_are_current() {
  [ -f node_modules/.package-lock.json ] || return 1
  cmp -s package-lock.json "$NODE_STAMP" && return 0
  node scripts/prepare/packages-match.mjs || return 1
  cp package-lock.json "$NODE_STAMP"
}

install_npm_packages() {
  has npm || fail 8 'npm is not installed, and the npm packages are missing: install npm.'
  if [ -n "${ARCHIVE:-}" ]; then
    node scripts/offline/install.mjs "$ARCHIVE" >"$RUN_DIR/npm.log" 2>&1 </dev/null ||
      fail 8 "npm packages: $(last_lines "$RUN_DIR/npm.log" 4) (log: $RUN_DIR/npm.log)"
    cp package-lock.json "$NODE_STAMP"
    return 0
  fi
  # No package needs its install script here; leaving them out spares a compiler.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$RUN_DIR/npm.log" 2>&1 </dev/null ||
    fail 8 "npm ci failed: $(last_lines "$RUN_DIR/npm.log" 4) (log: $RUN_DIR/npm.log)"
  cp package-lock.json "$NODE_STAMP"
}

build_inputs() {
  local path
  for path in src services/*/src services/*/web services/*/*.mjs services/*/package.json \
    package.json package-lock.json tsconfig.json scripts/bundle.mjs scripts/bundle bin; do
    [ ! -e "$path" ] || printf '%s\n' "$path"
  done
}

# Directories count as well as files: removing a source changes only its directory.
build_is_current() {
  local script
  [ -f "$BUILD_STAMP" ] || return 1
  for script in services/*/build.mjs; do
    [ ! -e "$script" ] || [ -d "${script%/build.mjs}/dist" ] || return 1
  done
  # shellcheck disable=SC2046 # the repository's own paths have no spaces
  [ -z "$(find $(build_inputs) -newer "$BUILD_STAMP" -print)" ]
}

build() {
  # The stamp is as old as the start of the build, so that an edit made meanwhile is not missed.
  local started="$RUN_DIR/build-started"
  : >"$started"
  npm run --silent build >"$RUN_DIR/build.log" 2>&1 </dev/null || {
    tail -n 30 "$RUN_DIR/build.log" >&2
    fail 1 "the build failed (log: $RUN_DIR/build.log)"
  }
  mv "$started" "$BUILD_STAMP"
}
