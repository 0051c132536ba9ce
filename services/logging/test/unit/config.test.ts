import { writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { parseBytes, parseDurationMs } from '../../src/config/quantity.ts';
import { configAt, environmentAt, scratchDirectory, TOKEN } from '../support/scratch.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has the defaults of the stack', async () => {
    const config = await configAt(await scratchDirectory());
    expect(config).toMatchObject({
      rotateBytes: 16 * 1024 ** 2,
      rotateKeep: 2,
      retentionAgeMs: 7 * 86_400_000,
      retentionBytes: 1024 ** 3,
      storeMemoryBytes: 64 * 1024 ** 2,
      storeThreads: 2,
    });
  });

  it('tells every problem in one pass, each with its variable', () => {
    const problems = problemsOf({
      LOGGING_INGEST_LISTEN: 'nonsense',
      LOGGING_ADMIN_LISTEN: '0.0.0.0:70000',
      LOGGING_ADMIN_TOKEN_FILE: '/does/not/exist',
      LOGGING_FOLLOW: '/var/log/a:relative',
      LOGGING_ROTATE_BYTES: 'many',
      LOGGING_RETENTION_AGE: '7',
      LOGGING_RETENTON_SIZE: '1GiB',
      LOGGING_MASK_PATTERNS: '["good", "(a"]',
    });
    for (const name of [
      'LOGGING_INGEST_LISTEN',
      'LOGGING_ADMIN_LISTEN',
      'LOGGING_ADMIN_TOKEN_FILE',
      'LOGGING_FOLLOW',
      'LOGGING_ROTATE_BYTES',
      'LOGGING_RETENTION_AGE',
      'LOGGING_RETENTON_SIZE',
      'LOGGING_MASK_PATTERNS',
    ]) {
      expect(problems.filter((problem) => problem.startsWith(`${name}:`))).toHaveLength(1);
    }
  });

  it('holds the rules between variables', async () => {
    const env = await environmentAt(await scratchDirectory(), {
      LOGGING_BUFFER_SIZE: '1MiB',
      LOGGING_SEGMENT_SIZE: '1MiB',
      LOGGING_FOLLOW: '/var/log/a:/var/log/a',
    });
    expect(problemsOf(env)).toEqual([
      'LOGGING_BUFFER_SIZE: must be at least twice LOGGING_SEGMENT_SIZE',
      'LOGGING_FOLLOW: names /var/log/a twice',
    ]);
  });

  it('refuses a token that is short or empty, without repeating it', async () => {
    const root = await scratchDirectory();
    const env = await environmentAt(root);
    await writeFile(`${root}/token`, 'short\n');
    const [problem] = problemsOf(env);
    expect(problem).toMatch(/^LOGGING_ADMIN_TOKEN_FILE: .*holds 5 characters/);
    expect(problem).not.toContain('short');
  });

  it('never prints the token', async () => {
    const config = await configAt(await scratchDirectory());
    for (const text of [
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      String(config.adminToken),
      `${config.adminToken}`,
    ]) {
      expect(text).not.toContain(TOKEN);
    }
  });

  it('reads sizes and durations with their units, and no others', () => {
    expect(['16MiB', '1GB', '512', '1.5k'].map(parseBytes)).toEqual([16_777_216, 1_000_000_000, 512, 1536]);
    expect(['', '-1', '1XB', '1e3'].map(parseBytes)).toEqual([undefined, undefined, undefined, undefined]);
    expect(['7d', '1h30m', '250ms'].map(parseDurationMs)).toEqual([604_800_000, 5_400_000, 250]);
    expect(['7', 'd', '1y', ''].map(parseDurationMs)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
