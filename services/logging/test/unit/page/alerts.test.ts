import { describe, expect, it } from 'vitest';
import type { AlertDocument } from '../../../web/api/answers.ts';
import { searchAround, sorted, toAlert } from '../../../web/model/alerts.ts';

const document = (differs: Partial<AlertDocument> = {}): AlertDocument => ({
  id: '1',
  fingerprint: 'f',
  status: 'firing',
  labels: { alertname: 'Down', severity: 'critical', service: 'shop', cpu: 4 },
  annotations: { summary: 'the shop is down' },
  starts_at: '2026-01-01T12:00:00Z',
  ends_at: '0001-01-01T00:00:00Z',
  received_at: '2026-01-01T12:00:10.000000Z',
  receiver: 'logging',
  ...differs,
});

describe('alerts', () => {
  it('name what they are about, and keep their other labels as text', () => {
    expect(toAlert(document())).toMatchObject({
      name: 'Down',
      severity: 'critical',
      summary: 'the shop is down',
      description: '',
      labels: [
        ['service', 'shop'],
        ['cpu', '4'],
      ],
    });
    expect(toAlert(document({ labels: {} })).name).toBe('alert without a name');
  });

  it('have no end while they fire, nor where it is no time', () => {
    expect(toAlert(document()).endsAt).toBeNull();
    expect(toAlert(document({ status: 'resolved' })).endsAt).toBeNull();
    expect(toAlert(document({ status: 'resolved', ends_at: 'soon' })).endsAt).toBeNull();
    expect(toAlert(document({ status: 'resolved', ends_at: '2026-01-01T13:00:00Z' })).endsAt).toBe(
      '2026-01-01T13:00:00Z',
    );
  });

  it('come with those first that fire, the newest of them first', () => {
    const received = (id: string, status: string, received_at: string) =>
      document({ id, status, received_at });
    const ids = sorted([
      received('old', 'firing', '2026-01-01T12:00:00Z'),
      received('over', 'resolved', '2026-01-01T14:00:00Z'),
      received('new', 'firing', '2026-01-01T13:00:00Z'),
    ]).map(({ id }) => id);
    expect(ids).toEqual(['new', 'old', 'over']);
  });

  it('lead to the logs of their service and their time', () => {
    const now = Date.parse('2026-01-01T12:30:00Z');
    expect(Object.fromEntries(searchAround(toAlert(document()), now))).toEqual({
      service: 'shop',
      since: '2026-01-01T11:55:00.000Z',
      until: '2026-01-01T12:30:00.000Z',
    });
    const resolved = document({ labels: {}, status: 'resolved', ends_at: '2026-01-01T12:01:00Z' });
    expect(Object.fromEntries(searchAround(toAlert(resolved), now))).toEqual({
      since: '2026-01-01T11:55:00.000Z',
      until: '2026-01-01T12:05:00.000Z',
    });
  });
});
