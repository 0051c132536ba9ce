/** Lets at most `width` pieces of work run at a time, in the order they asked. */
export class Mutex {
  readonly #waiting: (() => void)[] = [];
  readonly #width: number;
  #free: number;

  constructor(width = 1) {
    this.#width = width;
    this.#free = width;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  /** Waits until nothing runs of what asked before, and lets nothing run beside it. */
  async runAlone<T>(work: () => Promise<T>): Promise<T> {
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    await new Promise<void>((isAlone) => {
      let held = 0;
      for (let place = 0; place < this.#width; place += 1) {
        void this.run(async () => {
          held += 1;
          if (held === this.#width) isAlone();
          await left;
        });
      }
    });
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
