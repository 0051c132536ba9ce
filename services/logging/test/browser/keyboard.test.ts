import { beforeAll, expect, it } from 'vitest';
import { TOKEN } from '../support/environment.ts';
import { kongRecord, logRecord } from './support/records.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();

beforeAll(async () => {
  await world.sendKong([kongRecord({ id: 'r-1', secondsAgo: 60, status: 500 })]);
  await world.sendLogs([
    logRecord({ secondsAgo: 59, message: 'first of the backend', requestId: 'r-1' }),
    logRecord({ secondsAgo: 30, message: 'something else' }),
  ]);
});

it('takes somebody without a mouse from the login to the trace of a request and back', async () => {
  const visitor = await world.visit({ isLoggedIn: false });
  const { page } = visitor;
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.goto('/?since=15m');
  await page.getByLabel('Administration token').waitFor();
  await keyboard.type(TOKEN);
  await keyboard.press('Enter');
  await visitor.settled();
  await expect.poll(() => page.locator('.events > li').count()).toBe(3);

  await keyboard.press('j');
  expect(await focused()).toContain('something else');
  await keyboard.press('j');
  await keyboard.press('Enter');
  await page.locator('.details').waitFor();
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
  expect(outline).toBe('solid');
  await keyboard.press('Tab');
  expect(await focused()).toBe('Follow this request');
  await keyboard.press('Enter');
  await page.getByText('2 events of kong').waitFor();
  // Alt+Left is the browser's own, and a browser without a window does not know it.
  await page.goBack();
  await page.getByLabel('Search text').waitFor();
  await visitor.settled();

  await keyboard.press('/');
  await keyboard.type('backend');
  await keyboard.press('Enter');
  await expect.poll(() => page.locator('.events > li').count()).toBe(2);
  // A field keeps its keys.
  await keyboard.type('12?');
  await expect.poll(() => page.getByLabel('Search text').inputValue()).toBe('backend12?');
});

it('lists its keys, and lets them be turned off', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/');
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await dialog.waitFor();
  expect(await dialog.locator('kbd').allTextContents()).toEqual(
    expect.arrayContaining(['/', 'j', 'k', 't', 'h', '?']),
  );
  await dialog.getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  expect(new URL(page.url()).pathname).toBe('/');
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await dialog.getByRole('checkbox').check();
  await page.keyboard.press('Escape');
  for (const [key, path] of [
    ['2', '/overview'],
    ['3', '/alerts'],
    ['4', '/pipeline'],
    ['1', '/'],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(() => new URL(page.url()).pathname).toBe(path);
  }
});

it('reaches everything that can be pressed with Tab, and shows where it is', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=15m');
  const reached = new Set<string>();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const style = getComputedStyle(element);
      const isShown = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0;
      return {
        name: element.getAttribute('aria-label') ?? (element.id || element.textContent || ''),
        isShown,
        tag: element.tagName,
      };
    });
    if (here.tag === 'BODY') break;
    expect(here, 'has a visible focus').toMatchObject({ isShown: true });
    reached.add(here.name);
  }
  for (const name of [
    'To the content',
    'Search',
    'Overview',
    'text',
    'range',
    'filter-service',
    'filter-level',
    'Events over time',
  ]) {
    expect([...reached]).toContain(name);
  }
  expect([...reached].some((name) => name.includes('something else'))).toBe(true);
});
