import { beforeAll, expect, it } from 'vitest';
import { kongRecord, logRecord } from './support/records.ts';
import type { Visitor } from './support/visitor.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();

beforeAll(async () => {
  await world.sendKong([
    kongRecord({ id: 'r-1', secondsAgo: 300, milliseconds: 40 }),
    kongRecord({ id: 'r-2', secondsAgo: 240, route: 'orders', status: 503, milliseconds: 900 }),
    kongRecord({ id: 'r-3', secondsAgo: 200, route: 'orders', status: 404, consumer: 'partner' }),
  ]);
  await world.sendLogs([
    logRecord({
      secondsAgo: 230,
      message: 'Order 17 placed',
      requestId: 'r-1',
      more: { order: { state: 'new' } },
    }),
    logRecord({ secondsAgo: 220, message: 'Order 18 is late', level: 'warn' }),
    logRecord({ secondsAgo: 210, message: 'Order 19 is lost', level: 'error' }),
    ...Array.from({ length: 250 }, (_, index) =>
      logRecord({ secondsAgo: 1800 + index, message: `tick ${index}`, source: 'clock' }),
    ),
  ]);
});

const rows = ({ page }: Visitor) => page.locator('.events > li');
const texts = async (visitor: Visitor): Promise<string[]> =>
  (await rows(visitor).locator('.body').allTextContents()).map((text) => text.trim());

it('finds by words and by each of its fields, and the address says what was asked', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=15m');
  await expect.poll(() => rows(visitor).count()).toBe(6);
  await page.getByLabel('Search text').fill('order -late');
  await page.keyboard.press('Enter');
  await expect.poll(() => texts(visitor)).toEqual(['Order 19 is lost', 'Order 17 placed']);
  expect(await page.locator('mark').allTextContents()).toEqual(['Order', 'Order']);
  await page.getByLabel('Level').selectOption('error');
  await expect.poll(() => texts(visitor)).toEqual(['Order 19 is lost']);
  expect(new URL(page.url()).search).toBe('?q=order+-late&level=error&since=15m');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect.poll(() => rows(visitor).count()).toBe(6);

  for (const [field, value, found] of [
    ['Service', 'backend', 3],
    ['Route', 'orders', 2],
    ['Status', '5xx', 1],
    ['Consumer', 'partner', 1],
    ['Request id', 'r-1', 2],
  ] as const) {
    await page.getByLabel(field, { exact: true }).fill(value);
    await page.keyboard.press('Enter');
    await expect.poll(() => rows(visitor).count(), { message: field }).toBe(found);
    await page.getByRole('button', { name: 'Clear all' }).click();
    await expect.poll(() => rows(visitor).count()).toBe(6);
  }
});

it('shows somebody else the same under the same address, and the way back', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?q=order&level=warn&since=15m&kind=log');
  expect(await texts(visitor)).toEqual(['Order 19 is lost', 'Order 18 is late']);
  await expect.poll(() => page.getByLabel('Search text').inputValue()).toBe('order');
  await expect.poll(() => page.getByLabel('Level').inputValue()).toBe('warn');
  await page.getByRole('button', { name: 'Remove the filter kind log' }).click();
  await page.getByLabel('Level').selectOption('');
  await expect.poll(() => rows(visitor).count()).toBe(5);
  await page.goBack();
  await page.goBack();
  await expect.poll(() => page.getByLabel('Level').inputValue()).toBe('warn');
  await expect.poll(() => rows(visitor).count()).toBe(2);
});

it('offers the values that there are', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=15m');
  await page.getByLabel('Route').focus();
  await expect
    .poll(() =>
      page
        .locator('datalist option')
        .evaluateAll((options) => options.map((each) => each.getAttribute('value'))),
    )
    .toEqual(['orders', 'api']);
});

it('opens an event: its fields, every value of its record, the record itself, and searches for a value', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?q=placed&since=15m');
  await rows(visitor).first().locator('summary').first().click();
  const details = page.locator('.details');
  await expect
    .poll(() => details.locator('dt').allTextContents())
    .toEqual(expect.arrayContaining(['service.name', 'request_id', 'timestamp_raw', 'order.state']));
  await details.getByText('Raw record').click();
  expect(JSON.parse((await details.locator('pre').textContent()) ?? '')).toMatchObject({
    message: 'Order 17 placed',
    order: { state: 'new' },
  });
  await details.getByRole('button', { name: 'Only events with order.state new' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('attribute')).toBe('order.state=new');
  await expect.poll(() => texts(visitor)).toEqual(['Order 17 placed']);
});

it('brings older events as one scrolls, each once', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?source=clock&since=1h');
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, 20_000);
      return rows(visitor).count();
    })
    .toBe(250);
  expect(new Set(await texts(visitor)).size).toBe(250);
  await expect.poll(() => page.getByRole('button', { name: 'Show older events' }).count()).toBe(0);
});

it('says what is wrong with a question, and how it is asked', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?since=15m');
  await page.getByLabel('Status').fill('teapot');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('give 404, 5xx');
});
