#!/usr/bin/env bash
# Gives Elasticsearch its users, roles, templates, retention and snapshot folder. Every request is a PUT or a POST of the wanted
# state, so running it again changes nothing.
set -euo pipefail

: "${ELASTICSEARCH_URL:?}" "${ELASTICSEARCH_RETENTION:?}"
volumes=${VOLUMES_DIR:-/volumes}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
job=elasticsearch-setup server=$ELASTICSEARCH_URL login=elastic login_secret=elastic-password
. "$here/../setup/requests.sh"

put() {
  echo "elasticsearch-setup: $1"
  request PUT "$1" "$2" >/dev/null
}

user() {
  put "/_security/user/$1" "{\"password\": \"$(quoted_secret "$2")\", \"roles\": [\"$1\"]}"
}

[[ $ELASTICSEARCH_RETENTION =~ ^[1-9][0-9]*[smhd]$ ]] || fail "ELASTICSEARCH_RETENTION is no duration: $ELASTICSEARCH_RETENTION"
for secret in elastic-password kibana-system-password logstash-writer-password logging-writer-password exporter-password \
  kibana-setup-password; do
  quoted_secret "$secret" >/dev/null
done

# Fresh volumes on folders that an image lacks belong to root; both services run as user 1000.
chown 1000:0 "$volumes/elasticsearch-snapshots"
chmod 0770 "$volumes/elasticsearch-snapshots"
chown 1000:1000 "$volumes/logstash-data"

echo 'elasticsearch-setup: password of kibana_system'
request POST /_security/user/kibana_system/_password \
  "{\"password\": \"$(quoted_secret kibana-system-password)\"}" >/dev/null

# In the file's order: what something consists of comes before it. "apictl doctor" compares with the same list.
while read -r path file <&3; do
  put "$path" "$(sed "s/@RETENTION@/$ELASTICSEARCH_RETENTION/" "$here/$file")"
done 3<"$here/objects"

user logstash_writer logstash-writer-password
user logging_writer logging-writer-password
user exporter exporter-password
user kibana_setup kibana-setup-password
echo 'elasticsearch-setup: done'
