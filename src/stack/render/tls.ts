import type { Config, DoorName } from '../../config/schema.ts';
import { askedHost, tlsDoors } from '../../config/tls.ts';
import type { TreeMap } from './compose-tree.ts';

/** What fragments and configuration files say of the doors with TLS. */
export function tlsValues({ tls, ports }: Config): TreeMap {
  const doors = tlsDoors(tls);
  const names = Object.keys(doors) as DoorName[];
  return {
    doors,
    internal: tls.internal,
    /** Whether anything inside of the stack has to verify one of them. */
    inside: doors.prometheus || doors.alertmanager || doors.grafana || doors.elasticsearch,
    scheme: Object.fromEntries(names.map((name) => [name, doors[name] ? 'https' : 'http'])),
    // A host that every certificate holds for, to verify it with.
    probeHost: askedHost(tls.hosts) ?? tls.hosts[0] ?? null,
    // The file of its authorities, for who reads it from a setting of its own.
    elasticsearchAuthority: doors.elasticsearch ? '/etc/apictl/certs/trust/ca.crt' : null,
    kibanaCertificate: doors.kibana ? '/etc/apictl/certs/kibana/tls.crt' : null,
    kibanaKey: doors.kibana ? '/etc/apictl/certs/kibana/tls.key' : null,
    managerFlag: doors.manager ? ' ssl' : '',
    // A page that came over TLS may not ask an API without it.
    managerApiPort: doors.manager ? ports.adminTls : ports.admin,
    webConfig: {
      prometheus: doors.prometheus ? '--web.config.file=/etc/prometheus/web.yml' : null,
      alertmanager: doors.alertmanager ? '--web.config.file=/etc/alertmanager/web.yml' : null,
    },
  };
}
