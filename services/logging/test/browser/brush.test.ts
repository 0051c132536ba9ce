import type { Locator } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { logRecord } from './support/records.ts';
import type { Visitor } from './support/visitor.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();

/** Two bursts: early in the hour and late in it. */
beforeAll(async () => {
  const burst = (name: string, secondsAgo: number, count: number, level: string) =>
    Array.from({ length: count }, (_, index) =>
      logRecord({ secondsAgo: secondsAgo + index, message: `${name} ${index}`, level }),
    );
  await world.sendLogs([...burst('early', 3000, 20, 'info'), ...burst('late', 600, 30, 'error')]);
});

const status = ({ page }: Visitor) => page.locator('main').getByRole('status').textContent();
const histogram = ({ page }: Visitor) => page.getByRole('slider', { name: 'Events over time' });

/** Where a share of the plot's width is in the window. */
async function pointAt(plot: Locator, share: number): Promise<{ x: number; y: number }> {
  const box = await plot.boundingBox();
  if (box === null) throw new Error('the plot is not shown');
  return { x: box.x + box.width * share, y: box.y + box.height / 2 };
}

it('takes the stretch that the mouse is dragged over, and gives it back', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=1h');
  expect(await status(visitor)).toBe('50 events, 30 errors');
  const plot = page.locator('.histogram .u-over');
  const [from, to] = [await pointAt(plot, 0.7), await pointAt(plot, 0.95)];
  await page.mouse.move(to.x, to.y);
  await page.mouse.down();
  await page.mouse.move(from.x, from.y, { steps: 4 });
  await expect.poll(() => page.locator('.reading').textContent()).toContain('30 events, 30 errors');
  await page.mouse.up();
  await expect.poll(() => status(visitor)).toBe('30 events, 30 errors');
  await visitor.settled();
  const query = new URL(page.url()).searchParams;
  const minutes = (Date.parse(query.get('until') ?? '') - Date.parse(query.get('since') ?? '')) / 60_000;
  expect(minutes).toBeGreaterThan(12);
  expect(minutes).toBeLessThan(19);
  await expect.poll(() => page.getByLabel('From').inputValue()).not.toBe('');
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('since')).not.toBe(query.get('since'));
  await page.goBack();
  await page.goBack();
  await expect.poll(() => status(visitor)).toBe('50 events, 30 errors');
});

it('takes the stretch that a finger is drawn over, and leaves scrolling to the page', async () => {
  const visitor = await world.visit({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = visitor;
  await visitor.open('/?since=1h');
  const plot = page.locator('.histogram .u-over');
  expect(await plot.evaluate((element) => getComputedStyle(element).touchAction)).toBe('pan-y');
  const touch = await page.context().newCDPSession(page);
  const dispatch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', share?: number) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: share === undefined ? [] : [await pointAt(plot, share)],
    });
  await dispatch('touchStart', 0.05);
  for (const share of [0.1, 0.2, 0.3]) await dispatch('touchMove', share);
  await dispatch('touchEnd');
  await expect.poll(() => status(visitor)).toBe('20 events');
});

it('takes the stretch that is chosen by keys, and says what that is', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=1h');
  await page.keyboard.press('h');
  await expect
    .poll(() => histogram(visitor).evaluate((element) => element === document.activeElement))
    .toBe(true);
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+PageDown');
  await page.keyboard.press('Shift+PageDown');
  expect(await histogram(visitor).getAttribute('aria-valuetext')).toMatch(/: 30 events, 30 errors$/);
  await page.keyboard.press('Escape');
  expect(await histogram(visitor).getAttribute('aria-valuetext')).toMatch(/: 0 events$/);
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+PageDown');
  await page.keyboard.press('Shift+PageDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => status(visitor)).toBe('30 events, 30 errors');
  expect(new URL(page.url()).searchParams.get('until')).not.toBeNull();
});
