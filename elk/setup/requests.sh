# shellcheck shell=bash
# What the setup jobs of the Elastic stack share; they source it. Passwords are read from files and reach curl on its standard
# input: they are in no argument list and in no environment. The job says its name in `job`, its server in `server`, and in `login`
# and `login_secret` its user and the secret that holds his password.
: "${job:?}" "${server:?}" "${login:?}" "${login_secret:?}"
secrets=${SECRETS_DIR:-/run/secrets}
deadline=$((SECONDS + ${SETUP_TIMEOUT_SECONDS:-120}))

fail() {
  echo "$job: $*" >&2
  exit 1
}

# The secret in the named file, as it stands inside a JSON string or a quoted value of a curl configuration.
quoted_secret() {
  local value
  [ -s "$secrets/$1" ] || fail "the secret $1 is missing or empty"
  value=$(<"$secrets/$1")
  [[ $value != *[[:cntrl:]]* ]] || fail "the secret $1 contains a control character"
  value=${value//\\/\\\\}
  printf '%s' "${value//\"/\\\"}"
}

curl_quoted() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  printf '%s' "${text//$'\n'/\\n}"
}

# request METHOD PATH BODY [CURL ARGUMENT...]: prints the answer's body; fails on a status that is not 2xx. Tries again while the
# server is not reachable or not ready (5xx, 429, and what is in `not_ready`), until the deadline. An empty BODY is none.
request() {
  local method=$1 path=$2 body=$3 answer status
  shift 3
  while :; do
    # The body stands in the configuration too, because it may hold a password.
    answer=$(
      {
        printf 'user = "%s:%s"\n' "$login" "$(quoted_secret "$login_secret")"
        [ -z "$body" ] ||
          printf 'header = "Content-Type: application/json"\ndata-binary = "%s"\n' "$(curl_quoted "$body")"
      } | curl --silent --show-error --noproxy '*' --max-time 30 --config - --request "$method" "$@" \
        --write-out '\n%{http_code}' "$server$path" 2>&1
    ) || true
    status=${answer##*$'\n'}
    case $status in
      2??)
        printf '%s' "${answer%$'\n'*}"
        return 0
        ;;
      5?? | 429 | 000 | "${not_ready:-000}") ;;
      *) fail "$method $path answered $status: ${answer%$'\n'*}" ;;
    esac
    ((SECONDS < deadline)) || fail "$method $path did not succeed in time: $answer"
    sleep 1
  done
}
