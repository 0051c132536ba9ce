import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/diagnosis/model.ts';
import { explainUpstream } from '../../../src/diagnosis/upstream.ts';

const dependencies = {
  postgres: [],
  'kong-migrations': ['postgres'],
  kong: ['kong-migrations'],
  logging: [],
};
const diagnosis = (cause: string, weight: Diagnosis['weight']): Diagnosis => ({
  cause,
  weight,
  hint: `heal "${cause}".`,
  rule: 'x',
});
const explained = (found: Readonly<Record<string, Diagnosis>>) =>
  explainUpstream(new Map(Object.entries(found)), dependencies);

describe('what failed because of another service', () => {
  it('is told after that one and explained by it', () => {
    const found = explained({
      kong: diagnosis('is not healthy', 'vague'),
      postgres: diagnosis('ran out of disk space', 'certain'),
    });
    expect(found.map(({ service, becauseOf }) => [service, becauseOf])).toEqual([
      ['postgres', null],
      ['kong', 'postgres'],
    ]);
    expect(found[1]?.cause).toBe('is not healthy, because of postgres');
    expect(found[1]?.hint).toBe('Heal postgres first, then run "apictl up".');
  });

  it('is explained by the highest of several, however far above', () => {
    const found = explained({
      kong: diagnosis('gets no answer', 'dependency'),
      'kong-migrations': diagnosis('ended with exit code 1', 'vague'),
      postgres: diagnosis('was killed', 'vague'),
    });
    expect(found.map(({ service, becauseOf }) => [service, becauseOf])).toEqual([
      ['postgres', null],
      ['kong-migrations', 'postgres'],
      ['kong', 'postgres'],
    ]);
  });

  it('keeps a certain cause of its own', () => {
    const found = explained({
      kong: diagnosis('cannot use a certificate', 'certain'),
      postgres: diagnosis('was killed', 'vague'),
    });
    expect(found.map(({ becauseOf }) => becauseOf)).toEqual([null, null]);
  });

  it('is not explained by a service that it does not depend on', () => {
    const found = explained({
      logging: diagnosis('is not healthy', 'vague'),
      postgres: diagnosis('was killed', 'vague'),
    });
    expect(found.every(({ becauseOf }) => becauseOf === null)).toBe(true);
  });
});
