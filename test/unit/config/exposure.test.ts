import { describe, expect, it } from 'vitest';
import { exposure } from '../../../src/config/exposure.ts';
import { configSchema } from '../../../src/config/schema.ts';

const of = (bind: string) => exposure(configSchema.parse({ bind, ports: { admin: 9001, adminTls: 9444 } }));

describe('the address that ports are published on', () => {
  it.each(['127.0.0.1', '127.8.0.1', '::1', '0:0:0:0:0:0:0:1'])('%s is for this machine alone', (bind) => {
    expect(of(bind)).toBeNull();
  });

  it.each(['0.0.0.0', '::', '192.0.2.7', '2001:db8::1'])(
    '%s lets others at the Admin API, which is told with its ports',
    (bind) => {
      expect(of(bind)).toContain(`published on ${bind}`);
      expect(of(bind)).toContain('(9001, 9444)');
    },
  );
});
