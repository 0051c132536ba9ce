/** Lets at most `width` pieces of work run at a time, in the order they asked. */
export class Mutex {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(width = 1) {
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
}
