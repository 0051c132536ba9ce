import { expect, it } from 'vitest';
import { systemRandom } from '../../../src/adapters/random.ts';
import { generate } from '../../../src/secrets/apply.ts';
import { SECRETS } from '../../../src/secrets/model.ts';
import { weaknessOf } from '../../../src/secrets/strength.ts';

it.each([
  ['admin', 'is one of the values that are tried first'],
  ['changeme', 'is one of the values that are tried first'],
  ['Postgres123!', 'is one of the values that are tried first'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a tool left that should have filled it in
  ['${POSTGRES_PASSWORD:-postgres}', 'is a placeholder that nothing was filled into'],
  ['k3Jd92hfA', 'has fewer than 16 characters'],
  ['aaaaaaaaaaaaaaaaaaaaaaaa', 'repeats a few characters'],
  ['abababababababababab', 'repeats a few characters'],
])('the value %s is weak: it %s', (value, why) => {
  expect(weaknessOf(value)).toBe(why);
});

it('what is generated is never weak, and has at least 128 bits', () => {
  for (const { bytes } of SECRETS) {
    expect(bytes).toBeGreaterThanOrEqual(16);
    expect(weaknessOf(generate(systemRandom, bytes ?? 0).reveal())).toBeNull();
  }
});
