import { expect, it } from 'vitest';
import { TOKEN } from '../support/environment.ts';
import { withResolvers } from '../support/with-resolvers.ts';
import { useWorld } from './support/world.ts';

const world = useWorld(async () => undefined, {
  LOGGING_RETENTION_AGE: '7d',
  LOGGING_RETENTION_SIZE: '1GiB',
});

async function inForce(): Promise<object> {
  const answer = await fetch(`${world.service.admin}/api/v1/settings/retention`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return (await answer.json()) as object;
}

it('is changed by keyboard, asks once more before anything is removed, and goes back to the configured one', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/pipeline');
  const card = page.getByRole('region', { name: 'Retention' });
  const age = card.getByLabel('Keep events for');
  const size = card.getByLabel('Keep at most');
  expect([await age.inputValue(), await size.inputValue()]).toEqual(['7d', '1GiB']);
  await card.getByText('It is the configured one.').waitFor();

  // What cannot be set is told beside its field, which has the focus then.
  await age.fill('soon');
  await size.fill('1MiB');
  await page.keyboard.press('Enter');
  await card.getByText('Write a time with its unit').waitFor();
  await card.getByText('It must be between 16MiB and 64TiB.').waitFor();
  expect(await age.getAttribute('aria-invalid')).toBe('true');
  expect(await age.evaluate((field) => field === document.activeElement)).toBe(true);

  // To keep more removes nothing: done at once.
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('14d');
  await page.keyboard.press('Tab');
  await page.keyboard.type('2GiB');
  await page.keyboard.press('Enter');
  await card.getByText('Events are kept for 14d, and at most 2GiB of them.').waitFor();
  expect(await inForce()).toMatchObject({
    max_age_seconds: 14 * 86_400,
    max_bytes: 2 ** 31,
    is_changed: true,
  });

  // To keep less has to be asked for twice, also after another tab has logged in.
  await visitor.logIn();
  await size.fill('512MiB');
  await page.keyboard.press('Enter');
  await card.getByText('cannot be brought back').waitFor();
  expect(await inForce()).toMatchObject({ max_bytes: 2 ** 31 });
  await page.keyboard.press('Enter');
  await card.getByText('at most 512MiB of them.').waitFor();
  expect(await inForce()).toMatchObject({ max_age_seconds: 14 * 86_400, max_bytes: 2 ** 29 });

  await card.getByRole('button', { name: 'As configured' }).click();
  await card.getByRole('button', { name: 'Remove what is beyond it' }).last().click();
  await card.getByText('Events are kept for 7d, and at most 1GiB of them.').waitFor();
  expect(await inForce()).toMatchObject({
    max_age_seconds: 7 * 86_400,
    max_bytes: 2 ** 30,
    is_changed: false,
  });
  expect(await card.getByRole('button', { name: 'As configured' }).count()).toBe(0);
});

it('says what the service refuses, and keeps what was typed', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/pipeline');
  const card = page.getByRole('region', { name: 'Retention' });
  await page.route('**/api/v1/settings/retention', (route) =>
    route.request().method() === 'PUT'
      ? route.fulfill({ status: 500, json: { error: { code: 'INTERNAL', message: 'the service failed' } } })
      : route.continue(),
  );
  await card.getByLabel('Keep events for').fill('30d');
  await page.keyboard.press('Enter');
  await card.getByText('the service failed').waitFor();
  expect(await card.getByLabel('Keep events for').inputValue()).toBe('30d');
});

it('knows what was changed before the page has asked for it anew', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/pipeline');
  const card = page.getByRole('region', { name: 'Retention' });
  const size = card.getByLabel('Keep at most');
  await card.getByText('It is the configured one.').waitFor();
  const { promise: isOver, resolve: end } = withResolvers();
  await page.route('**/api/v1/settings/retention', async (route) => {
    if (route.request().method() === 'GET') await isOver;
    await route.continue().catch(() => undefined); // the page asks anew and drops the question before
  });

  await size.fill('4GiB');
  await page.keyboard.press('Enter');
  await card.getByText('Events are kept for 7d, and at most 4GiB of them.').waitFor();
  expect(await size.inputValue()).toBe('4GiB');
  await size.fill('2GiB');
  await page.keyboard.press('Enter');
  await card.getByText('cannot be brought back').waitFor();
  await card.getByRole('button', { name: 'As configured' }).click();
  await card.getByRole('button', { name: 'Remove what is beyond it' }).click();
  await card.getByText('at most 1GiB of them.').waitFor();
  expect(await card.getByRole('button', { name: 'As configured' }).count()).toBe(0);
  end();
});
