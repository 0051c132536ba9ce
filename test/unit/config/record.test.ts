import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { recorded } from '../../../src/config/record.ts';

const record = (text: string) => recorded(text, ['backends', 'replicas'], 5);

describe('a number that is written into apictl.yaml', () => {
  it('replaces its own characters only', () => {
    const text =
      '# mine\nproject:   shop\nbackends: { replicas: 3,   port: 8000 } # three\n\n\nports:\n    proxy: 1\n';
    expect(record(text)).toBe(text.replace('replicas: 3', 'replicas: 5'));
  });

  it.each([
    ['nothing', ''],
    ['comments alone', '# nothing yet\n'],
    ['no section', 'project: shop # mine\n'],
    ['an empty section', 'backends:\nproject: shop\n'],
    ['an empty section with a comment', 'backends: # later\n'],
    ['a section on one line', 'backends: { port: 9000 } # mine\n'],
    ['a section on one line that is empty', 'backends: {}\n'],
    ['everything on one line', '{ project: shop }\n'],
    ['no end of its last line', 'project: shop'],
    ['another key of the section', '# mine\nbackends:\n  # the port\n  port: 9000\n'],
  ])('is added where the file has %s', (_what, text) => {
    const after = record(text);
    expect(parse(after)).toEqual({
      ...(parse(text) ?? {}),
      backends: { ...(parse(text)?.backends ?? {}), replicas: 5 },
    });
    for (const comment of text.match(/#.*/g) ?? []) expect(after).toContain(comment);
  });

  it('is written once', () => {
    expect(record(record('project: shop\n'))).toBe(record('project: shop\n'));
  });

  it('folds no long line of the user', () => {
    const long = `backends:\n  command: [sh, -c, "${'x '.repeat(100)}"]\n`;
    expect(record(long)).toBe(long.replace('command', 'replicas: 5\n  command'));
  });
});
