#!/usr/bin/env bash
# Gives Kibana its data views, saved searches and dashboard. They have ids of their own and replace what has the same id, so
# running it again changes nothing. As the user elastic: which privileges a role needs to import changes with Kibana's version,
# and a role with a privilege that Kibana does not know is taken and grants nothing.
set -euo pipefail

: "${KIBANA_URL:?}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
job=kibana-setup server=$KIBANA_URL
. "$here/../setup/requests.sh"

quoted_secret elastic-password >/dev/null

# One request: what an object refers to has to be in the same file, or in Kibana already. Kibana insists on the ending.
objects=$(mktemp --suffix=.ndjson)
trap 'rm -f "$objects"' EXIT
cat "$here"/saved-objects/*.ndjson >"$objects"

answer=$(request POST '/api/saved_objects/_import?overwrite=true' '' --header 'kbn-xsrf: true' --form "file=@$objects")
# What could not be imported is told in an answer with status 200.
[[ $answer == *'"success":true'* ]] || fail "not everything was imported: $answer"
echo "kibana-setup: $(wc -l <"$objects") objects imported"
