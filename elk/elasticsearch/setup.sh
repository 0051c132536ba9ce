#!/usr/bin/env bash
# Gives Elasticsearch its users, roles, templates, retention and snapshot folder. Every request is a PUT or a POST of the wanted
# state, so running it again changes nothing.
set -euo pipefail

: "${ELASTICSEARCH_URL:?}" "${ELASTICSEARCH_RETENTION:?}"
volumes=${VOLUMES_DIR:-/volumes}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
job=elasticsearch-setup server=$ELASTICSEARCH_URL
. "$here/../setup/requests.sh"

put() {
  echo "elasticsearch-setup: $1"
  request PUT "$2" "$3" >/dev/null
}

put_file() {
  put "$1" "$2" "$(sed "s/@RETENTION@/$ELASTICSEARCH_RETENTION/" "$here/$3")"
}

user() {
  put "user $1" "/_security/user/$1" "{\"password\": \"$(quoted_secret "$2")\", \"roles\": [\"$1\"]}"
}

[[ $ELASTICSEARCH_RETENTION =~ ^[1-9][0-9]*[smhd]$ ]] || fail "ELASTICSEARCH_RETENTION is no duration: $ELASTICSEARCH_RETENTION"
for secret in elastic-password kibana-system-password logstash-writer-password logging-writer-password exporter-password; do
  quoted_secret "$secret" >/dev/null
done

# Fresh volumes on folders that an image lacks belong to root; both services run as user 1000.
chown 1000:0 "$volumes/elasticsearch-snapshots"
chmod 0770 "$volumes/elasticsearch-snapshots"
chown 1000:1000 "$volumes/logstash-data"

echo 'elasticsearch-setup: password of kibana_system'
request POST /_security/user/kibana_system/_password \
  "{\"password\": \"$(quoted_secret kibana-system-password)\"}" >/dev/null

put_file 'role logstash_writer' /_security/role/logstash_writer roles/log-writer.json
put_file 'role logging_writer' /_security/role/logging_writer roles/log-writer.json
put_file 'role exporter' /_security/role/exporter roles/exporter.json
user logstash_writer logstash-writer-password
user logging_writer logging-writer-password
user exporter exporter-password

put_file 'retention of logs' /_ilm/policy/apictl-logs lifecycle.json
put_file 'settings of logs' /_component_template/apictl-logs-settings templates/settings.json
put_file 'mappings of all logs' /_component_template/apictl-logs-mappings templates/logs-mappings.json
put_file "mappings of Kong's log" /_component_template/apictl-kong-mappings templates/kong-mappings.json
put_file "template of Kong's log" /_index_template/apictl-logs-kong templates/kong.json
put_file 'template of service logs' /_index_template/apictl-logs-services templates/services.json

put 'snapshot folder' /_snapshot/apictl \
  '{"type": "fs", "settings": {"location": "/usr/share/elasticsearch/snapshots", "compress": true}}'
echo 'elasticsearch-setup: done'
