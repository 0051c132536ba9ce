import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { kongRecord, logRecord } from './support/records.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();
const VIEWS = [
  '/?since=15m&q=get',
  '/?since=15m',
  '/trace?request_id=r-1',
  '/overview?since=15m',
  '/alerts',
  '/pipeline',
] as const;

beforeAll(async () => {
  const long = 'x'.repeat(400);
  await world.sendKong([
    kongRecord({ id: 'r-1', secondsAgo: 60, route: 'a-route-with-a-rather-long-name-in-it', status: 500 }),
  ]);
  await world.sendLogs([
    logRecord({
      secondsAgo: 50,
      message: long,
      requestId: 'r-1',
      level: 'warn',
      more: { [long.slice(0, 200)]: long },
    }),
  ]);
  await world.sendAlerts({
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'Long', thing: long },
        annotations: { summary: long },
        startsAt: new Date().toISOString(),
        fingerprint: 'f',
      },
    ],
  });
});

it.each(VIEWS)('fits a phone of 360 pixels: %s', async (address) => {
  const visitor = await world.visit({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = visitor;
  await visitor.open(address);
  const details = page.locator('summary.event').last();
  if ((await details.count()) > 0) await details.click();
  const width = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(await width()).toEqual([360, 360]);
});

it('keeps the filters of a phone folded until they are wanted', async () => {
  const visitor = await world.visit({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = visitor;
  await visitor.open('/?since=15m');
  expect(await page.getByLabel('Route').isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Filters' }).tap();
  await page.getByLabel('Route').waitFor();
  await page.getByLabel('Level').selectOption('warn');
  await page.getByRole('button', { name: 'Filters (1)' }).waitFor();
});

/** What breaks a rule of accessibility, and where first. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { resultTypes: ['violations'], preload: false });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

it.each(['light', 'dark'] as const)(
  'breaks no rule of accessibility, contrast among them, in %s',
  async (colorScheme) => {
    const visitor = await world.visit({ colorScheme });
    const { page } = visitor;
    for (const address of VIEWS) {
      await visitor.open(address);
      const details = page.locator('summary.event').first();
      if ((await details.count()) > 0) await details.click();
      expect(await violations(page), address).toEqual([]);
    }
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Administration token').waitFor();
    expect(await violations(page), 'the login').toEqual([]);
    const ground = () => getComputedStyle(document.documentElement).backgroundColor;
    expect(await page.evaluate(ground)).toBe(
      colorScheme === 'light' ? 'rgb(251, 251, 250)' : 'rgb(21, 24, 26)',
    );
  },
);

it('draws its charts anew when light turns dark', async () => {
  const visitor = await world.visit({ colorScheme: 'light' });
  const { page } = visitor;
  await visitor.open('/?since=15m');
  const picture = () =>
    page.locator('canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const light = await picture();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(picture).not.toBe(light);
});
