import { describe, expect, it } from 'vitest';
import { platformOf } from '../../../../../src/stack/images/saved/model.ts';
import { digestOf, familiar, unpackedBytes } from '../../../../../src/stack/images/saved/reference.ts';

describe('a reference', () => {
  it.each([
    ['kong', 'kong:latest'],
    ['docker.io/library/kong:3.8.0', 'kong:3.8.0'],
    ['index.docker.io/grafana/grafana:13', 'grafana/grafana:13'],
    ['localhost:5000/shop/api', 'localhost:5000/shop/api:latest'],
    ['docker.elastic.co/kibana/kibana:8.19.20', 'docker.elastic.co/kibana/kibana:8.19.20'],
  ])('%s is %s to the engine', (reference, short) => {
    expect(familiar(reference)).toBe(short);
  });

  it('has the digest of its own registry', () => {
    const digests = [`mirror:5000/kong@sha256:${'a'.repeat(64)}`, `kong@sha256:${'b'.repeat(64)}`];
    expect(digestOf('kong:3.8.0', { digests })).toBe(`sha256:${'b'.repeat(64)}`);
    expect(digestOf('mirror:5000/kong:3.8.0', { digests })).toBe(`sha256:${'a'.repeat(64)}`);
    expect(digestOf('apictl/backend:1f2e', { digests: [] })).toBeNull();
  });
});

describe('the bytes of images', () => {
  it('count what one stands on once', () => {
    const base = { id: 'base', layers: ['1', '2'], sizeBytes: 900 };
    const images = [
      base,
      { id: 'a', layers: ['1', '2', '3'], sizeBytes: 910 },
      { id: 'b', layers: ['1', '2', '4', '5'], sizeBytes: 1000 },
      { id: 'b', layers: ['1', '2', '4', '5'], sizeBytes: 1000 },
      { id: 'other', layers: ['9'], sizeBytes: 50 },
    ];
    expect(unpackedBytes(images)).toBe(900 + 10 + 100 + 50);
  });
});

it('the platform of an engine is named as images name it', () => {
  expect(platformOf({ osType: 'linux', architecture: 'x86_64' })).toBe('linux/amd64');
  expect(platformOf({ osType: 'linux', architecture: 'aarch64' })).toBe('linux/arm64');
  expect(platformOf({ osType: 'linux', architecture: 's390x' })).toBe('linux/s390x');
});
