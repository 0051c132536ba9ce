import { mirrored } from './mirror.ts';

/** Reference without a mirror -> digest that is written behind it. */
export type Pins = Readonly<Record<string, string>>;

/** `kong:3.8.0` -> `mirror.example/library/kong:3.8.0@sha256:...`: where it comes from, and what it must be. Pure. */
export function pinned(reference: string, mirror: string | undefined, pins: Pins): string {
  const there = mirrored(reference, mirror);
  const pin = pins[reference];
  return pin === undefined ? there : `${there}@${pin}`;
}

/** The same without the digest: `kong:3.8.0@sha256:...` -> `kong:3.8.0`. A name with a digest and no tag stays. */
export const unpinned = (reference: string): string =>
  reference.replace(/(:[\w][\w.-]*)@sha256:[0-9a-f]{64}$/, '$1');
