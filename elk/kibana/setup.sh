#!/usr/bin/env bash
# Gives Kibana its data views, saved searches and dashboard. They have ids of their own and replace what has the same id, so
# running it again changes nothing. As the user kibana_setup, who may manage saved objects in the default space and nothing else.
set -euo pipefail

: "${KIBANA_URL:?}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
job=kibana-setup server=$KIBANA_URL login=kibana_setup login_secret=kibana-setup-password
# Kibana answers before it has told Elasticsearch what its privileges mean; until then a role grants none of them.
not_ready=403
. "$here/../setup/requests.sh"

quoted_secret "$login_secret" >/dev/null

# One request: what an object refers to has to be in the same file, or in Kibana already. Kibana insists on the ending.
objects=$(mktemp --suffix=.ndjson)
trap 'rm -f "$objects"' EXIT
cat "$here"/saved-objects/*.ndjson >"$objects"

answer=$(request POST '/api/saved_objects/_import?overwrite=true' '' --header 'kbn-xsrf: true' --form "file=@$objects")
# What could not be imported is told in an answer with status 200.
[[ $answer == *'"success":true'* ]] || fail "not everything was imported: $answer"
echo "kibana-setup: $(wc -l <"$objects") objects imported"
