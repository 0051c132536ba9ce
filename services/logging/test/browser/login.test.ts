import { expect, it } from 'vitest';
import { TOKEN } from '../support/environment.ts';
import { logRecord } from './support/records.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();
const SHARED = '/?q=shared&since=1h';

it('asks for the token, says when it is wrong, and then shows the address that was called up', async () => {
  await world.sendLogs([logRecord({ secondsAgo: 5, message: 'a shared view' })]);
  const { page } = await world.visit({ isLoggedIn: false });
  await page.goto(SHARED);
  const field = page.getByLabel('Administration token');
  await field.fill('not the token');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('token is not right');
  await field.fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('a shared view').waitFor();
  expect(page.url()).toContain(SHARED);
});

it('stays logged in over a reload, keeps the token nowhere, and logs out', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/');
  await page.reload();
  await visitor.settled();
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  expect(kept).toBe(JSON.stringify([{}, {}, '']));
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out.').waitFor();
  await page.reload();
  await page.getByLabel('Administration token').waitFor();
});

it('goes back to the door when the service has forgotten the session', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByLabel('Search text').fill('anything');
  await page.keyboard.press('Enter');
  await page.getByText('The session has ended').waitFor();
});

it('says when the service does not answer, also to somebody who wants to leave', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/pipeline');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('the logging service does not answer').first().waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out.').waitFor();
});

it('tells an address that guesses how long it has to wait', async () => {
  const { page } = await world.visit({ isLoggedIn: false });
  await page.goto('/');
  const field = page.getByLabel('Administration token');
  const alert = page.getByRole('alert');
  await expect
    .poll(
      async () => {
        await field.fill('guess');
        await page.keyboard.press('Enter');
        return alert.textContent();
      },
      { timeout: 15_000 },
    )
    .toMatch(/too many wrong tokens.*Try again in \d+ s/i);
  expect(await page.getByRole('button', { name: 'Log in' }).isDisabled()).toBe(true);
});
