import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SeedResult } from '../../../src/app/seed/seed.ts';
import { commandsPage } from '../../../src/cli/commands-page.ts';
import { RESULT_SHAPES, seedShape } from '../../../src/cli/result-shapes.ts';
import { shapeText } from '../../../src/cli/shape-text.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const page = commandsPage();

describe('docs/commands.md', () => {
  it('is what the commands and their schemas say ("npm run docs" writes it)', () => {
    const committed = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
    expect(committed).toBe(page);
  });

  it('has a section for every shape, so that none is of a command that is gone', () => {
    for (const words of Object.keys(RESULT_SHAPES)) expect(page).toContain(`\n## apictl ${words}\n`);
  });
});

describe('the text of a shape', () => {
  it('shows kinds, choices, what may be absent or null, and what values mean', () => {
    const schema = z.object({
      name: z.string(),
      state: z.enum(['up', 'down']).nullable().describe('Now.'),
      list: z.array(z.object({ n: z.number().int().optional() })),
      urls: z.record(z.string(), z.boolean()),
      anything: z.unknown(),
    });
    expect(shapeText(schema).split('\n')).toEqual([
      '{',
      '  "name": string',
      '  "state": "up" | "down" | null  // Now.',
      '  "list": [ {',
      '    "n"?: number',
      '  } ]',
      '  "urls": { "...": boolean }',
      '  "anything": any',
      '}',
    ]);
  });
});

describe('what a command prints with --json', () => {
  const world = {
    files: memoryFiles({
      '/srv/secrets/values/partner-api-key': 'the value',
      '/srv/secrets/certs/ca/ca.crt': 'an authority',
    }),
    workingFolder: '/srv',
    clock: { now: () => 0, sleep: async () => {} },
    x509: {
      read: () => {
        throw new Error('no certificate');
      },
    } as never,
  };

  it.each([
    ['secrets ls', []],
    ['secrets show', ['partner-api-key', '--yes']],
    ['certs ls', []],
    ['certs trust', []],
  ])('%s has its shape and nothing else', async (words, more) => {
    const { stdout, error } = await runCommand(world, ...words.split(' '), ...more, '--json');
    expect(error).toBeUndefined();
    const shape = RESULT_SHAPES[words];
    // What the schema does not know is left out by it, at any depth.
    expect(shape?.parse(JSON.parse(stdout))).toEqual(JSON.parse(stdout));
  });

  it('seed has its shape, which is also that of its type', () => {
    const result: SeedResult = {
      ...{ created: 0, updated: 1, deleted: 0, unchanged: 12, writes: 1 },
      changes: [
        {
          ...{ action: 'update', kind: 'route', name: 'api', direction: 'changed', within: [] },
          fields: { paths: { from: null, to: ['/api'] } },
          declaredAt: 'kong/kong.yaml:12',
        },
      ],
      kept: [],
      verified: {
        requests: 90,
        failures: 0,
        routes: [{ route: 'api', door: 'http', ok: true, found: '200' }],
      },
    };
    const shaped: z.input<typeof seedShape> = result;
    expect(seedShape.strict().parse(shaped)).toEqual(result);
  });
});
