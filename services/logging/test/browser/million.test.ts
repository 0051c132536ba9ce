import { beforeAll, expect, it } from 'vitest';
import { fillStore } from './support/fill-store.ts';
import { useWorld } from './support/world.ts';

const EVENTS = 1_000_000;
const world = useWorld((dataDir) => fillStore(dataDir, EVENTS, 123_456));

beforeAll(async () => {
  expect((await world.service.pipeline()).stored).toBe(EVENTS);
});

it('searches a million events, holds a few of them, and goes on from there', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=24h');
  const status = () => page.locator('main').getByRole('status').textContent();
  expect(await status()).toMatch(/^1,000,000 events, [\d,]+ warnings, [\d,]+ errors$/);
  await expect.poll(() => page.locator('.events > li').count()).toBeLessThanOrEqual(200);
  await expect
    .poll(
      async () => {
        await page.keyboard.press('End');
        return page.getByRole('button', { name: 'Go on from here with older events' }).count();
      },
      { timeout: 30_000 },
    )
    .toBe(1);
  await expect.poll(() => page.locator('.events > li').count()).toBe(1000);
  const last = await page.locator('.events > li time').last().getAttribute('dateTime');
  await page.getByRole('button', { name: 'Go on from here with older events' }).click();
  await visitor.settled();
  await expect.poll(() => page.locator('.events > li').count()).toBeLessThanOrEqual(200);
  const first = await page.locator('.events > li time').first().getAttribute('dateTime');
  expect(Date.parse(first ?? '')).toBe(Date.parse(last ?? ''));
});

it('finds one request and one word among them', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=24h&request_id=request-123456');
  await expect
    .poll(() => page.locator('.events .body').allTextContents())
    .toEqual(['GET /orders/123456 200']);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.getByLabel('Search text').fill('orders/99999 -request');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('main').getByRole('status').textContent()).toMatch(/^11 events/);
});

it('sums them up', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/overview?since=24h');
  await expect.poll(() => page.locator('.figures dd').first().textContent()).toBe('1,000,000');
  await expect.poll(() => page.locator('tbody').first().locator('tr').count()).toBe(8);
});
