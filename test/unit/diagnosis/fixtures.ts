import { readdirSync, readFileSync } from 'node:fs';
import type { FailureFacts } from '../../../src/diagnosis/model.ts';

const folder = new URL('../../fixtures/diagnosis/', import.meta.url);

/** `recorded/exit-1`, ...: every failure that is kept, by its path without ending. */
export const fixtureNames = (): string[] =>
  ['recorded', 'documented'].flatMap((kind) =>
    readdirSync(new URL(`${kind}/`, folder)).map((file) => `${kind}/${file.replace(/\.json$/, '')}`),
  );

export function fixture(name: string): FailureFacts {
  const { facts } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as {
    facts: Omit<FailureFacts, 'listening' | 'upstreamLog' | 'room'>;
  };
  return { listening: null, upstreamLog: [], room: [], ...facts };
}
