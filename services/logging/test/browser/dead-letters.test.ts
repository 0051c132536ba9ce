import { expect, it } from 'vitest';
import { insertDeadLetters } from '../../src/store/dead-letters.ts';
import { writeAccepted, writeLedger } from '../../src/store/ledger.ts';
import { encoded, intake } from '../support/intakes.ts';
import { prepareStore } from './support/prepare-store.ts';
import { useWorld } from './support/world.ts';

const world = useWorld((dataDir) =>
  prepareStore(dataDir, async (connection) => {
    const letter = { destination: 'store', reason: 'a <b>reason</b>', atUs: Date.now() * 1000 } as const;
    await insertDeadLetters(connection, [
      { ...letter, sequence: 1, payload: encoded(intake({ message: 'refused at first', source: 'shop' })) },
      { ...letter, sequence: 2, payload: 'not what the buffer holds' },
    ]);
    await writeLedger(connection, {
      storedSequence: 2,
      stored: 0,
      duplicates: 0,
      quarantined: 0,
      expired: 0,
    });
    await writeAccepted(connection, new Map([['shop', 2]]));
  }),
);

it('shows what was refused and why, and offers it again, also when another tab has logged in meanwhile', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/pipeline');
  await page.getByText('2 events that the store refused').waitFor();
  const letters = page.locator('.letters > li');
  await expect.poll(() => letters.first().textContent()).toContain('a <b>reason</b>');
  await letters.first().locator('summary').click();
  await expect.poll(() => letters.first().locator('pre').textContent()).toContain('refused at first');

  // The session is another one now, and so is the token that has to go with a change.
  await visitor.logIn();
  await page.getByRole('button', { name: 'Offer them again' }).click();
  await page.getByText('1 of 2 were taken. a buffered record is no event').waitFor();
  await page.getByText('1 event that the store refused').waitFor();
  await visitor.open('/?q=refused&since=15m');
  expect(await page.locator('.events .body').allTextContents()).toEqual(['refused at first']);
});
