import { describe, expect, it } from 'vitest';
import type { ContextFile } from '../../../../src/core/ports/build-contexts.ts';
import { type DigestInput, referenceOf } from '../../../../src/stack/images/digest.ts';

const file = (path: string, text: string, mode = 0o644): ContextFile => ({
  path,
  mode,
  content: { bytes: Buffer.from(text) },
});
const input: DigestInput = {
  name: 'logging',
  base: 'apictl/platform:0123456789ab',
  dockerfile: 'Dockerfile',
  files: [file('Dockerfile', 'FROM x'), file('dist/main.mjs', 'go()')],
  buildArgs: { A: '1', B: '2' },
};

describe('the reference of an image', () => {
  it('is its name and twelve digits', () => {
    expect(referenceOf(input)).toMatch(/^apictl\/logging:[0-9a-f]{12}$/);
  });

  it('does not depend on the order in which files and arguments are named', () => {
    const turned = { ...input, files: [...input.files].reverse(), buildArgs: { B: '2', A: '1' } };
    expect(referenceOf(turned)).toBe(referenceOf(input));
  });

  it.each<[string, Partial<DigestInput>]>([
    ['the base', { base: 'apictl/platform:ba9876543210' }],
    ['a build argument', { buildArgs: { A: '1', B: '3' } }],
    ['the name of a build argument', { buildArgs: { A: '1', C: '2' } }],
    ['a byte', { files: [file('Dockerfile', 'FROM x'), file('dist/main.mjs', 'go(1)')] }],
    ['a mode', { files: [file('Dockerfile', 'FROM x'), file('dist/main.mjs', 'go()', 0o755)] }],
    ['a path', { files: [file('Dockerfile', 'FROM x'), file('dist/main.js', 'go()')] }],
    ['the Dockerfile', { dockerfile: 'Dockerfile.slim' }],
    ['a further file', { files: [...input.files, file('x', '')] }],
    [
      'a file that becomes a link',
      {
        files: [
          file('Dockerfile', 'FROM x'),
          { path: 'dist/main.mjs', mode: 0o777, content: { linkTo: 'go()' } },
        ],
      },
    ],
  ])('changes with %s', (_what, change) => {
    expect(referenceOf({ ...input, ...change })).not.toBe(referenceOf(input));
  });

  it('tells apart what would be the same bytes one after the other', () => {
    const one = { ...input, files: [file('a', 'bc'), file('d', '')] };
    const other = { ...input, files: [file('a', 'b'), file('d', 'c')] };
    expect(referenceOf(one)).not.toBe(referenceOf(other));
  });
});
