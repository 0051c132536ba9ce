import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import { pullImages } from '../../../../src/stack/images/pull.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';

/** A registry that answers each reference with the next of its words; null is success. */
function registry(given: { present?: readonly string[]; says?: Record<string, (string | null)[]> }) {
  const events: Event[] = [];
  const asked: string[] = [];
  const present = new Set(given.present ?? []);
  const clock = fakeClock();
  const facts = { id: 'sha256:x', tags: [], sizeBytes: 1, createdMs: 0, labels: {} };
  const pull = (references: readonly string[], refresh = false) =>
    pullImages(
      {
        engine: {
          image: async (reference) => (present.has(reference) ? facts : null),
          pull: async (reference) => {
            asked.push(reference);
            const said = given.says?.[reference]?.shift() ?? null;
            if (said !== null) throw new Error(`${reference} could not be pulled: ${said}`);
          },
        },
        clock,
        emit: (event) => events.push(event),
        signal: new AbortController().signal,
      },
      references,
      refresh,
    );
  return { pull, asked, events, clock };
}

describe('pulling published images', () => {
  it('asks no registry for what is there', async () => {
    const { pull, asked } = registry({ present: ['kong:3.8.0'] });
    expect(await pull(['kong:3.8.0'])).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('asks a busy registry again, with growing pauses', async () => {
    const { pull, asked, clock } = registry({
      says: { 'kong:3.8.0': ['toomanyrequests: 429 Too Many Requests', 'net/http: TLS handshake timeout'] },
    });
    expect(await pull(['kong:3.8.0'])).toEqual(['kong:3.8.0']);
    expect(asked).toHaveLength(3);
    expect(clock.now()).toBe(5_000);
  });

  it('names every image that is missing, and does not ask again for a name that does not exist', async () => {
    const { pull, asked } = registry({
      says: { 'kong:9': ['manifest unknown'], 'grafana:9': ['no such host'] },
    });
    await expect(pull(['kong:9', 'postgres:13', 'grafana:9'])).rejects.toMatchObject({
      code: 'IMAGES_MISSING',
      exitCode: EXIT.engine,
      object: 'image kong:9, image grafana:9',
      details: [
        'kong:9 could not be pulled: manifest unknown',
        'grafana:9 could not be pulled: no such host',
      ],
    });
    expect(asked).toEqual(['kong:9', 'postgres:13', 'grafana:9']);
  });

  it('starts with what is there when a refresh fails, and says so', async () => {
    const { pull, events } = registry({ present: ['kong:3.8.0'], says: { 'kong:3.8.0': ['no such host'] } });
    expect(await pull(['kong:3.8.0'], true)).toEqual([]);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        text: 'kong:3.8.0 could not be pulled: no such host; the image that is there is used',
      },
    ]);
  });
});
