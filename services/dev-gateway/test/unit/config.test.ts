import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('stands without any setting', () => {
    const config = readConfig({});
    expect(config.postgres).toMatchObject({
      host: '127.0.0.1',
      port: 5432,
      user: 'kong',
      password: undefined,
    });
    expect(config.status.addresses).toEqual([
      { host: '0.0.0.0', port: 8100, isTls: false, speaksHttp2: false },
    ]);
    expect(config.admin.addresses[1]).toEqual({
      host: '127.0.0.1',
      port: 8444,
      isTls: true,
      speaksHttp2: true,
    });
  });

  it('takes any setting from a file, without the line break at its end', () => {
    const path = join(folder, 'password');
    writeFileSync(path, 'pass word\n');
    expect(readConfig({ KONG_PG_PASSWORD_FILE: path }).postgres?.password).toBe('pass word');
  });

  it('turns listeners off', () => {
    expect(readConfig({ KONG_ADMIN_GUI_LISTEN: 'off' }).gui.addresses).toEqual([]);
  });

  it('tells every problem in one pass', () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '\n');
    const problems = problemsOf({
      KONG_DATABASE: 'off',
      KONG_PG_PORT: 'x',
      KONG_PG_SSL: 'maybe',
      KONG_PG_USER: 'a',
      KONG_PG_USER_FILE: empty,
      KONG_PG_PASSWORD_FILE: join(folder, 'none'),
      KONG_ADMIN_LISTEN: '0.0.0.0:99999',
      KONG_PROXY_LISTEN: 'nowhere',
      KONG_ADMIN_GUI_URL: 'localhost:8002',
    });
    const named = [
      'KONG_DATABASE',
      'KONG_PG_PORT',
      'KONG_PG_SSL:',
      'KONG_PG_USER and',
      'KONG_PG_USER_FILE: the file',
    ];
    const others = ['KONG_PG_PASSWORD_FILE', 'KONG_ADMIN_LISTEN', 'KONG_PROXY_LISTEN', 'KONG_ADMIN_GUI_URL'];
    for (const name of [...named, ...others]) {
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
    }
  });

  it('never repeats a password in a problem', () => {
    const problems = problemsOf({ KONG_PG_PASSWORD: 'very secret', KONG_PG_PORT: '0' });
    expect(problems.join()).not.toContain('very secret');
  });
});
