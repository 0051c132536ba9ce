const SERVICES = 100;
const ROUTES_OF_EACH = 10;
const PLUGINS_OF_EACH = 3;
const CONSUMERS = 100;
const CHANGES = 10;

/** 100 services, 1,000 routes, 300 plugins, 100 consumers with a key each. `changed` says whether ten of them are otherwise. */
export function declaredState(changed: boolean): string {
  const lines = ['_format_version: "3.0"', 'services:'];
  for (let s = 0; s < SERVICES; s += 1) {
    const isOther = changed && s < CHANGES;
    lines.push(
      `  - name: service-${s}`,
      `    host: host-${s}.test`,
      `    retries: ${isOther ? 2 : 3}`,
      '    routes:',
    );
    for (let r = 0; r < ROUTES_OF_EACH; r += 1) {
      lines.push(
        `      - name: route-${s}-${r}`,
        `        paths: [/s${s}/r${r}]`,
        '        strip_path: false',
      );
      if (r < PLUGINS_OF_EACH) lines.push('        plugins:', ...pluginLines(r));
    }
  }
  lines.push('consumers:');
  for (let c = 0; c < CONSUMERS; c += 1) {
    lines.push(
      `  - username: consumer-${c}`,
      '    keyauth_credentials:',
      `      - key: key-of-consumer-${c}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const pluginLines = (number: number): readonly string[] =>
  number === 0
    ? ['          - name: rate-limiting', '            config: { minute: 600, policy: local }']
    : number === 1
      ? ['          - name: key-auth', '            config: { hide_credentials: true }']
      : [
          '          - name: correlation-id',
          '            config: { header_name: X-Request-ID, generator: uuid }',
        ];
