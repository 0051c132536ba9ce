import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readPage } from '../../../src/page/files.ts';
import { VIEW_PATHS } from '../../../src/page/paths.ts';
import type { Service } from '../../../src/service.ts';
import { PAGE, runningService, scratchDirectory } from '../../support/scratch.ts';

describe('the page on the administration listener', () => {
  let service: Service;
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(service.adminUrl + path, { headers });
  beforeEach(async () => {
    service = await runningService(await scratchDirectory());
  });

  it.each(Object.values(VIEW_PATHS))('answers %s with the document, without a session', async (path) => {
    const answer = await get(`${path}?since=1h`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toBe(PAGE.html.toString());
  });

  it('allows the document its own files, and nothing that is written into it', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|data:|\*|https?:/);
  });

  it('lets browsers keep its files, whose names change with their content', async () => {
    const answer = await get('/assets/main-A1.js');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await answer.text()).toBe('// page');
  });

  it.each(['/assets/other.js', '/assets/', '/assets/..%2findex.html', '/assets/__proto__', '/index.html'])(
    'has nothing at %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it('does not show itself under a foreign name', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      request(`${service.adminUrl}/`, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
        resolve(statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });
});

describe('reading the built page', () => {
  it('takes the document and its files, and refuses what no page has', async () => {
    const folder = await scratchDirectory();
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<p>');
    await writeFile(join(folder, 'assets', 'page-1.css'), 'p {}');
    const page = await readPage(folder);
    expect([page.html.toString(), page.assets.get('page-1.css')?.type]).toEqual([
      '<p>',
      'text/css; charset=utf-8',
    ]);
    await writeFile(join(folder, 'assets', 'main.js.map'), '{}');
    await expect(readPage(folder)).rejects.toThrow('main.js.map is no file of the page');
  });

  it('does not begin without one', async () => {
    await expect(readPage(join(await scratchDirectory(), 'nowhere'))).rejects.toThrow('ENOENT');
  });
});
