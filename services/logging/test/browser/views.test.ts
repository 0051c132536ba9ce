import { beforeAll, expect, it } from 'vitest';
import { kongRecord, logRecord } from './support/records.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();

const alert = (name: string, status: 'firing' | 'resolved', more: object = {}) => ({
  status,
  labels: { alertname: name, severity: 'critical', service: 'shop' },
  annotations: { summary: `${name} of the shop` },
  startsAt: new Date(Date.now() - 600_000).toISOString(),
  endsAt: status === 'resolved' ? new Date(Date.now() - 60_000).toISOString() : '0001-01-01T00:00:00Z',
  fingerprint: name,
  ...more,
});

beforeAll(async () => {
  await world.sendKong([
    ...Array.from({ length: 18 }, (_, index) =>
      kongRecord({ id: `r-${index}`, secondsAgo: 120 + index, milliseconds: 10 + index }),
    ),
    kongRecord({ id: 'slow', secondsAgo: 100, route: 'orders', status: 503, milliseconds: 2000 }),
    kongRecord({ id: 'quick', secondsAgo: 90, route: 'orders', status: 404, milliseconds: 5 }),
  ]);
  await world.sendLogs([
    logRecord({
      secondsAgo: 99.5,
      message: 'asking the database',
      requestId: 'slow',
      source: 'backend-1',
      more: { trace_id: 't-1' },
    }),
    logRecord({
      secondsAgo: 98.2,
      message: 'no answer in 1300 ms',
      level: 'error',
      requestId: 'slow',
      source: 'backend-1',
      more: { trace_id: 't-1' },
    }),
    logRecord({ secondsAgo: 98.1, message: 'cleaning up', source: 'worker', more: { trace_id: 't-1' } }),
    logRecord({ secondsAgo: 80, message: 'no answer in 1200 ms', level: 'error', source: 'backend-2' }),
  ]);
  await world.sendAlerts({
    version: '4',
    receiver: 'logging',
    groupKey: 'g',
    externalURL: 'http://alertmanager',
    alerts: [alert('ShopDown', 'firing'), alert('ShopSlow', 'resolved'), alert('<b>Odd</b>', 'firing')],
  });
});

it('follows one request across gateway and backend, in order, with what else belongs to its trace', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?q=database&since=15m');
  await page.locator('summary.event').first().focus();
  await page.keyboard.press('t');
  await page.getByRole('heading', { name: 'One request' }).waitFor();
  await visitor.settled();
  expect(new URL(page.url()).search).toBe('?request_id=slow');
  const steps = page.locator('.trace > li');
  await expect
    .poll(() => steps.locator('.origin').allTextContents())
    .toEqual(['kong · backend', 'backend-1 · shop', 'backend-1 · shop', 'worker · shop']);
  const times = await steps
    .locator('time')
    .evaluateAll((all) => all.map((time) => time.getAttribute('datetime')));
  expect(times).toEqual([...times].sort());
  const offsets = await steps.locator('time').allTextContents();
  expect(offsets[0]).toBe('+0 ms');
  expect(offsets.slice(1).every((text) => /^\+\d[\d.]* m?s$/.test(text) && text !== '+0 ms')).toBe(true);
  await expect
    .poll(() => page.locator('main').getByRole('status').textContent())
    .toMatch(/4 events of kong, backend-1, worker$/);
  await expect.poll(() => steps.first().textContent()).toContain('2 ms in the gateway, 2 s behind it');

  await page.getByLabel('Request id').fill('nothing-has-this');
  await page.keyboard.press('Enter');
  await page.getByText('No event has this id.').waitFor();
});

it('shows traffic, errors and latencies of each route, and leads to their requests', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/overview?since=15m');
  const routes = page.getByRole('region', { name: 'Routes' });
  const cells = async () =>
    Promise.all(
      (await routes.locator('tbody tr').all()).map((row) => row.locator('th, td').allTextContents()),
    );
  expect(await cells()).toEqual([
    [
      'backend · api',
      '18',
      expect.any(String),
      '0 %',
      '0',
      expect.stringMatching(/ ms$/),
      expect.any(String),
      expect.any(String),
    ],
    ['backend · orders', '2', expect.any(String), '50 %', '1', expect.any(String), '2 s', '2 s'],
  ]);
  await routes.getByRole('button', { name: 'p95' }).click();
  await expect.poll(async () => (await cells())[0]?.[0]).toBe('backend · orders');
  await expect.poll(() => page.locator('.figures dd').first().textContent()).toBe('20');
  await page.getByText('no answer in # ms').waitFor();
  await expect.poll(() => page.locator('canvas').count()).toBe(2);
  await routes.getByRole('link', { name: 'backend · orders' }).click();
  await expect.poll(() => page.locator('.events > li').count()).toBe(2);
});

it('shows the alerts, firing ones first, and the logs of their time', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/alerts');
  await expect
    .poll(() => page.locator('main').getByRole('status').textContent())
    .toBe('2 alerts firing, 1 resolved');
  const cards = page.locator('.card');
  const names = await cards.locator('h2').allTextContents();
  expect(names.at(-1)).toBe('ShopSlow resolvedcritical');
  expect(names.some((name) => name.startsWith('<b>Odd</b>'))).toBe(true);
  await cards
    .filter({ hasText: 'ShopDown of the shop' })
    .getByRole('link', { name: 'Logs of that time' })
    .click();
  await expect.poll(() => page.locator('.events > li').count()).toBeGreaterThan(0);
  expect(new URL(page.url()).searchParams.get('service')).toBe('shop');
});

it('shows whether the pipeline is well, and that its books balance', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/pipeline');
  await expect
    .poll(() => page.locator('main').getByRole('status').first().textContent())
    .toBe('All is well, and the books balance.');
  const books = page.locator('.card', { hasText: 'Books' }).locator('dl');
  await expect
    .poll(() => books.textContent())
    .toMatch(/^stored27duplicates0buffered0dead letters0quarantined0accepted27$/);
  await page.getByText('None: nothing was refused.').waitFor();
  await page.getByText('None is configured').waitFor();
});
