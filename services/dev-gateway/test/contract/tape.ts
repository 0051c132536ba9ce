import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../../test/fixtures/kong/tapes/', import.meta.url);

export interface TapeStep {
  readonly request?: {
    readonly to: 'admin' | 'proxy';
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly save?: Readonly<Record<string, string>>;
  readonly wait_seconds?: number;
  readonly repeat?: number;
  /** Field of the body -> its values -> how often each came. */
  readonly counted?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface Tape {
  readonly scenario: string;
  readonly steps: readonly TapeStep[];
}

export const tapeNames = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();

/**
 * Reads a tape.
 *
 * @param ports ports of the recording -> ports of this run, put in their place throughout
 */
export function readTape(name: string, ports: ReadonlyMap<number, number> = new Map()): Tape {
  const recorded = readFileSync(new URL(`${name}.json`, FOLDER), 'utf8');
  return JSON.parse(recorded.replaceAll(/\b\d{5}\b/g, (text) => String(ports.get(Number(text)) ?? text)));
}
