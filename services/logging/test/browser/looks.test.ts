import { beforeAll, expect, it } from 'vitest';
import { kongRecord, logRecord } from './support/records.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();
const VIEWS = [
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
  expect(await page.getByLabel('Route').isVisible()).toBe(true);
});

/** WCAG's contrast of every text that is shown with the ground that it stands on. */
function lowContrasts(): string[] {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no canvas');
  const channels = (colour: string): number[] => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const over = (top: number[], below: number[]): number[] => {
    const alpha = (top[3] ?? 0) / 255;
    return [0, 1, 2].map((at) => (top[at] ?? 0) * alpha + (below[at] ?? 0) * (1 - alpha)).concat(255);
  };
  const groundOf = (element: Element | null): number[] => {
    if (element === null) return [255, 255, 255, 255];
    const own = channels(getComputedStyle(element).backgroundColor);
    return own[3] === 255 ? own : over(own, groundOf(element.parentElement));
  };
  const luminance = (colour: number[]): number =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => {
      const value = (colour[at] ?? 0) / 255;
      return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    }, 0);
  const low: string[] = [];
  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.textContent?.trim() !== '',
    );
    if (!hasText || !(element as HTMLElement).checkVisibility({ opacityProperty: true })) continue;
    const ground = groundOf(element);
    const text = over(channels(getComputedStyle(element).color), ground);
    const [light, dark] = [luminance(text), luminance(ground)].sort((one, other) => other - one) as [
      number,
      number,
    ];
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5)
      low.push(`${contrast.toFixed(2)} ${element.tagName} ${element.textContent?.slice(0, 40)}`);
  }
  return low;
}

it.each(['light', 'dark'] as const)('can be read in %s', async (colorScheme) => {
  const visitor = await world.visit({ colorScheme });
  const { page } = visitor;
  for (const address of VIEWS) {
    await visitor.open(address);
    const details = page.locator('summary.event').first();
    if ((await details.count()) > 0) await details.click();
    expect(await page.evaluate(lowContrasts), address).toEqual([]);
  }
  const [red = 0] = await page.evaluate(() =>
    (getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g) ?? []).map(Number),
  );
  expect(red > 128).toBe(colorScheme === 'light');
});

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
