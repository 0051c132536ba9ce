import { expect, it } from 'vitest';
import { Alertmanager } from '../../../src/monitoring/alertmanager.ts';
import { FakeAlertmanager } from '../../fakes/fake-alertmanager.ts';

const silence = {
  matchers: [{ name: 'alertname', value: 'High.*', isRegex: true, isEqual: false }],
  startsAt: '2026-11-26T15:00:00Z',
  endsAt: '2026-11-27T15:00:00Z',
  createdBy: 'anna',
  comment: 'maintenance',
};

it('a silence is made again with all that it had, in another Alertmanager', async () => {
  const [source, target] = [new FakeAlertmanager([]), new FakeAlertmanager([])];
  source.silences.push({ id: 'a', body: silence });
  source.silences.push({ id: 'b', body: { ...silence, comment: 'over', status: { state: 'expired' } } });
  for (const kept of await new Alertmanager(source, 'http://one:9093').keptSilences())
    await new Alertmanager(target, 'http://two:9093').silenceAgain(kept);
  expect(target.silences).toEqual([{ id: 's1', body: silence }]);
});
