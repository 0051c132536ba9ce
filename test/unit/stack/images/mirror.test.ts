import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import { mirrored } from '../../../../src/stack/images/mirror.ts';
import { recipesFor } from '../../../../src/stack/images/recipes.ts';
import { packagedFragments, renderDefault } from '../render/matrix.ts';

const MIRROR = 'mirror.example:5000/hub';

describe('a mirror of registries', () => {
  it.each([
    ['kong:3.8.0', `${MIRROR}/library/kong:3.8.0`],
    ['grafana/grafana:13', `${MIRROR}/grafana/grafana:13`],
    ['docker.elastic.co/kibana/kibana:8.19.20', `${MIRROR}/kibana/kibana:8.19.20`],
    ['localhost/api:1', `${MIRROR}/api:1`],
    ['apictl/backend:1f2e', 'apictl/backend:1f2e'],
  ])('has %s as %s', (reference, there) => {
    expect(mirrored(reference, MIRROR)).toBe(there);
    expect(mirrored(reference, undefined)).toBe(reference);
  });

  it('serves every published image of the rendered stack, and nothing that is built or the user’s', async () => {
    const fragments = await packagedFragments();
    const config = configSchema.parse({
      registry: { mirror: MIRROR },
      backends: { image: 'registry.example/api:1.4' },
    });
    const { compose } = renderDefault(fragments, { config, flavour: 'official' });
    const images = Object.entries(compose.services).map(([name, { image }]) => [name, image] as const);
    const others = images.filter(([, image]) => !image.startsWith(`${MIRROR}/`));
    expect(images.length - others.length).toBeGreaterThan(10);
    expect([...new Set(others.map(([, image]) => image))].sort()).toEqual([
      expect.stringMatching(/^apictl\/logging:/),
      'registry.example/api:1.4',
    ]);
  });

  it('leaves the embedded flavour as it is', async () => {
    const fragments = await packagedFragments();
    const render = (registry: object) =>
      renderDefault(fragments, { config: configSchema.parse({ registry }), flavour: 'embedded' });
    expect(render({ mirror: MIRROR }).compose).toEqual(render({}).compose);
  });

  it('serves what the images of the official flavour are built on', () => {
    const config = configSchema.parse({ registry: { mirror: MIRROR } });
    const bases = recipesFor({ flavour: 'official', config, projectRoot: '/srv/shop' }).map(
      ({ base }) => base,
    );
    expect(bases).toEqual([
      { kind: 'published', reference: `${MIRROR}/library/node:${config.versions.node}` },
      { kind: 'published', reference: `${MIRROR}/library/python:${config.versions.python}` },
    ]);
  });

  it.each(['https://mirror.example', 'mirror.example/', 'Mirror', 'a b', 'mirror:port', ''])(
    'is refused as %j',
    (mirror) => {
      expect(configSchema.safeParse({ registry: { mirror } }).success).toBe(false);
    },
  );
});
