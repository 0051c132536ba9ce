import { describe, expect, it } from 'vitest';
import { configuredPorts } from '../../../src/app/ports/configured.ts';
import { stackUrls } from '../../../src/app/project/urls.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { configSchema } from '../../../src/config/schema.ts';

const parse = (file: unknown, environment = {}) => parseConfig({ file, dotenv: {}, environment, flags: {} });

describe('ports.shift', () => {
  it('is added to every port, to those that are given and to the defaults', () => {
    const plain = configSchema.parse({ ports: { proxy: 18_000 } });
    const shifted = configSchema.parse({ ports: { proxy: 18_000, shift: 100 } });
    expect(configuredPorts(shifted)).toEqual(
      configuredPorts(plain).map((wanted) => ({ ...wanted, port: wanted.port + 100 })),
    );
    expect(stackUrls(shifted, ['kong']).proxy).toBe('http://127.0.0.1:18100');
    expect(Object.keys(shifted.ports)).not.toContain('shift');
  });

  it('comes from the environment too', () => {
    const parsed = parse({}, { APICTL_PORTS_SHIFT: '1' });
    expect(parsed).toMatchObject({ ok: true, config: { ports: { proxy: 8001, admin: 8002 } } });
  });

  it('is refused where it pushes a port past the last one, with the port that it is about', () => {
    const parsed = parse({ ports: { kibana: 65_000, shift: 1000 } });
    expect(parsed).toEqual({
      ok: false,
      problems: ['ports.kibana: must be at most 65535 with ports.shift (1000) added, found 65000'],
    });
  });

  it('that pushes several out is told once, with what would do', () => {
    expect(parse({ ports: { shift: 60_000 } })).toEqual({
      ok: false,
      problems: [
        'ports.shift: pushes 11 ports past 65535; with these ports it must be at most 56335, found 60000',
      ],
    });
    expect(parse({ ports: { shift: 56_335 } })).toMatchObject({ ok: true });
  });

  it('below zero is refused', () => {
    expect(parse({ ports: { shift: -1 } })).toMatchObject({
      ok: false,
      problems: ['ports.shift: must be at least 0, found -1'],
    });
  });
});
