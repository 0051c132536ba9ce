import { describe, expect, it } from 'vitest';
import type { Files } from '../../../../src/core/ports/files.ts';
import { readFragments } from '../../../../src/stack/fragments/fragments.ts';

const COMMON = 'service: { restart: unless-stopped }';
const KONG = [
  'profile: core',
  'summary: The gateway.',
  'service: { mem_limit: 1g }',
  'official: { kind: real, why: Kong, service: { image: kong } }',
  'embedded: { kind: left out, why: not there }',
].join('\n');

/** A file system of texts: path -> content. */
function filesOf(texts: Readonly<Record<string, string>>): Pick<Files, 'read' | 'list' | 'stat'> {
  const paths = Object.keys(texts);
  return {
    read: async (path) => (path in texts ? Buffer.from(texts[path] ?? '') : null),
    list: async (folder) =>
      [
        ...new Set(
          paths
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''),
        ),
      ].sort(),
    stat: async (path) => {
      const base = { mode: 0o644, owner: 0, sizeBytes: 1, modifiedMs: 0 };
      if (path in texts) return { kind: 'file', ...base };
      return paths.some((other) => other.startsWith(`${path}/`)) ? { kind: 'folder', ...base } : null;
    },
  };
}

const read = (texts: Readonly<Record<string, string>>) =>
  readFragments(
    filesOf(Object.fromEntries(Object.entries(texts).map(([path, text]) => [`/p/${path}`, text]))) as Files,
    '/p',
  );
const withKong = (text: string, others: Readonly<Record<string, string>> = {}) =>
  read({ 'compose/common.yaml': COMMON, 'compose/fragments/kong.yaml': text, ...others });

describe('the fragments', () => {
  it('are named after their files, and what they leave out is empty', async () => {
    const { services, common } = await withKong(KONG);
    expect(services).toMatchObject([
      {
        name: 'kong',
        path: 'compose/fragments/kong.yaml',
        profile: 'core',
        with: [],
        configs: [],
        certificates: [],
      },
    ]);
    expect(common).toEqual({ service: { restart: 'unless-stopped' }, official: {}, embedded: {} });
  });

  it('bring the files that they mount, also from folders below, without the excepted ones', async () => {
    const mount = 'configs: [{ from: monitoring/prometheus, mount: /etc/prometheus, except: [tests] }]';
    const { configFiles } = await withKong(`${KONG}\n${mount}`, {
      'monitoring/prometheus/prometheus.yml': 'a: 1',
      'monitoring/prometheus/rules/gateway.yml': 'b: 2',
      'monitoring/prometheus/tests/gateway.yml': 'c: 3',
      'monitoring/prometheus-other/x': 'd',
    });
    expect(configFiles).toEqual({
      'monitoring/prometheus/prometheus.yml': 'a: 1',
      'monitoring/prometheus/rules/gateway.yml': 'b: 2',
    });
  });

  it('that mount a file which is not there are refused', async () => {
    await expect(withKong(`${KONG}\nconfigs: [{ from: elk/nothing, mount: /x }]`)).rejects.toMatchObject({
      code: 'FRAGMENT_INVALID',
      exitCode: 64,
      message: 'compose/fragments/kong.yaml cannot be used: configs: there is no file elk/nothing',
    });
  });

  it('are refused with every problem and its place', async () => {
    const broken =
      'profile: cor\nsummary: ""\nofficial: { kind: real }\nembedded: { kind: left out, why: x }\nimage: y';
    await expect(withKong(broken)).rejects.toMatchObject({
      code: 'FRAGMENT_INVALID',
      object: 'compose/fragments/kong.yaml',
      message: expect.stringContaining('profile: '),
      details: [
        expect.stringContaining('summary: '),
        expect.stringContaining('official.why: '),
        expect.stringContaining('image'),
      ],
    });
  });

  it('that are no YAML are refused with the parser’s words', async () => {
    await expect(withKong('a: [b')).rejects.toMatchObject({
      code: 'FRAGMENT_INVALID',
      message: expect.stringContaining('compose/fragments/kong.yaml cannot be used: '),
    });
  });

  it('cannot be read from a package without them or without the common part', async () => {
    await expect(read({ 'compose/common.yaml': COMMON })).rejects.toMatchObject({
      message: 'compose/fragments cannot be used: there is no fragment',
    });
    await expect(read({ 'compose/fragments/kong.yaml': KONG })).rejects.toMatchObject({
      message: 'compose/common.yaml cannot be used: the file is missing',
    });
  });
});
