import { expect, it } from 'vitest';
import { TOKEN } from '../support/environment.ts';
import { logRecord } from './support/records.ts';
import type { Visitor } from './support/visitor.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();

const bodies = async ({ page }: Visitor): Promise<string[]> =>
  page.locator('.events .body').allTextContents();
const status = ({ page }: Visitor) => page.locator('main').getByRole('status').textContent();
const say = (message: string, level = 'info') =>
  world.sendLogs([logRecord({ secondsAgo: 0, message, level })]);

it('shows what matches as it comes, newest first, and stands still while it is paused', async () => {
  await say('before');
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?level=warn');
  await page.getByRole('button', { name: 'Live' }).click();
  await expect.poll(() => status(visitor)).toContain('Live');
  expect(new URL(page.url()).searchParams.get('live')).toBe('1');
  await say('one', 'error');
  await say('not this one');
  await say('two', 'warn');
  await expect.poll(() => bodies(visitor)).toEqual(['two', 'one']);

  await page.keyboard.press('p');
  await say('three', 'error');
  await expect.poll(() => status(visitor)).toContain('Paused, 1 event waiting');
  expect(await bodies(visitor)).toEqual(['two', 'one']);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => bodies(visitor)).toEqual(['three', 'two', 'one']);

  await page.keyboard.press('l');
  await expect.poll(() => new URL(page.url()).searchParams.has('live')).toBe(false);
  await expect.poll(() => bodies(visitor)).toEqual(['three', 'two', 'one']);
});

it('keeps a bounded number of rows, and says so, however much comes', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?live=1&q=flood');
  await expect.poll(() => status(visitor)).toContain('Live');
  for (let batch = 0; batch < 3; batch += 1) {
    await world.sendLogs(
      Array.from({ length: 400 }, (_, index) =>
        logRecord({ secondsAgo: 0, message: `flood ${batch} ${index}` }),
      ),
    );
    await expect.poll(async () => (await bodies(visitor))[0]).toBe(`flood ${batch} 399`);
  }
  await expect.poll(() => page.locator('.events > li').count()).toBe(500);
  await page.getByText('1,200 events so far, the newest 500 are kept').waitFor();
});

it('goes on by itself when the service comes back, once logged in again', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?live=1&q=again');
  await expect.poll(() => status(visitor)).toContain('Live');
  await world.service.end('SIGTERM');
  await expect.poll(() => status(visitor)).toContain('The connection is lost');
  await world.service.start();
  // Sessions live in memory: the service that comes back knows this one no more.
  await page.getByText('The session has ended').waitFor({ timeout: 20_000 });
  await page.getByLabel('Administration token').fill(TOKEN);
  await page.keyboard.press('Enter');
  await expect.poll(() => status(visitor)).toContain('Live');
  await say('again there');
  await expect.poll(() => bodies(visitor)).toEqual(['again there']);
});

it('says that too many follow already, and connects when there is room again', async () => {
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${TOKEN}` };
  let following = 0;
  const follow = async () => {
    const tail = await fetch(`${world.service.admin}/api/v1/tail`, { headers, signal: leaving.signal });
    if (tail.ok) following += 1;
    return following;
  };
  // A page that has just been closed may hold its place for a moment.
  await expect.poll(follow, { interval: 1, timeout: 10_000 }).toBe(20);
  const visitor = await world.visit();
  await visitor.open('/?live=1');
  await expect.poll(() => status(visitor)).toContain('too many tails are open');
  leaving.abort();
  await expect
    .poll(async () => {
      const again = visitor.page.getByRole('button', { name: 'Connect again' });
      // It goes as soon as it has been heard.
      if (await again.isVisible()) await again.click({ timeout: 500 }).catch(() => undefined);
      return status(visitor);
    })
    .toContain('Live');
});
