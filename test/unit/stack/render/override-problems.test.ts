import { describe, expect, it } from 'vitest';
import { overrideProblems } from '../../../../src/stack/render/override-problems.ts';

describe('the text of compose.override.yaml', () => {
  it.each([
    ['a list that nobody closes', 'services:\n  kong: [\n', /^line 3, column 1: /],
    ['a key that is there twice', 'services:\n  kong: {}\n  kong: {}\n', /^line 3, column 3: .*unique$/],
    ['a list', '- services\n', /^line 1, column 1: must be a map, as "services:"$/],
    [
      'a tree that is too deep',
      Array.from({ length: 2_000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
      /^line 102, column 102: is nested more than 100 levels deep$/,
    ],
    ['an alias alone', '*x\n', /^line 1, column 1: must be a map, as "services:"$/],
    ['a list with an alias of nothing', '- *x\n', /^line 1, column 1: must be a map, as "services:"$/],
    ['an error in its second document', 'services: {}\n---\nservices: "\n', /^line [34], column \d+: /],
  ])('is refused with line and column for %s', (_what, text, problem) => {
    expect(overrideProblems(text)[0]).toMatch(problem);
  });

  it.each([
    ['Compose’s own tags', 'services:\n  kong:\n    ports: !reset null\n    image: !override x\n'],
    [
      'merges, several to one map',
      'x-a: &a { A: 1 }\nx-b: &b { B: 2 }\nservices:\n  kong:\n    environment:\n      <<: [*a, *b]\n',
    ],
    ['several documents', 'services: {}\n---\nservices: {}\n'],
    ['a flow map whose end stands at the margin', 'services: {\n  kong: {}\n}\n'],
    ['nothing', ''],
    ['comments alone', '# later\n'],
  ])('may have %s', (_what, text) => {
    expect(overrideProblems(text)).toEqual([]);
  });
});
