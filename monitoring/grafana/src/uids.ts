/** The dashboards by name, for links between them. */
export const UID = {
  overview: 'apictl-overview',
  gateway: 'apictl-gateway',
  backends: 'apictl-backends',
  logging: 'apictl-logging',
  hosts: 'apictl-hosts',
} as const;
