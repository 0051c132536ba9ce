import type { Door } from '../../src/secrets/door.ts';
import type { RotationPorts } from '../../src/secrets/rotation-apply.ts';

/** A program that ends at the n-th thing that it does to the world: before it, or just after. */
export class Mortal {
  #steps = 0;
  #diesAt: number;

  constructor(diesAt: number) {
    this.#diesAt = diesAt;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Another program goes on, to its end. */
  revive(): void {
    this.#diesAt = Number.POSITIVE_INFINITY;
  }

  readonly step = <A extends unknown[], R>(work: (...words: A) => Promise<R>) => {
    return async (...words: A): Promise<R> => {
      this.#go();
      const result = await work(...words);
      this.#go();
      return result;
    };
  };

  #go(): void {
    this.#steps += 1;
    // Nothing is done any more by a program that is dead.
    if (this.#steps >= this.#diesAt) throw new Error('killed');
  }
}

/** A rotation's ports in the hands of such a program. */
export function mortalPorts(ports: RotationPorts, { step }: Mortal): RotationPorts {
  const doorOf = (name: string): Door | undefined => {
    const door = ports.doorOf(name);
    if (door === undefined) return undefined;
    const { opens, holding } = door;
    return {
      ...(opens === undefined ? {} : { opens: step(opens) }),
      ...(holding === undefined
        ? {}
        : {
            holding: {
              admit: step(holding.admit),
              retire: step(holding.retire),
              undo: step(holding.undo),
            },
          }),
    };
  };
  const { write, rename, remove, read } = ports.files;
  const files = {
    ...ports.files,
    read: step(read),
    write: step(write),
    rename: step(rename),
    remove: step(remove),
  };
  return { ...ports, files, doorOf, renewReaders: step(ports.renewReaders) };
}
