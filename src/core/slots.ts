/**
 * A bounded number of places, given to whoever waits with the highest priority, in the order of asking among
 * equals. Those who ask in the same turn of the event loop are weighed against each other before the first place is given.
 * `use` gives its place back however the work ends.
 */
export class Slots {
  #free: number;
  readonly #waiting: { readonly priority: number; readonly enter: () => void }[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<T>(work: () => Promise<T>, priority = 0): Promise<T> {
    await this.#take(priority);
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #take(priority: number): Promise<void> {
    return new Promise((enter) => {
      this.#waiting.push({ priority, enter });
      // Array sort is stable: equals keep the order of asking.
      this.#waiting.sort((a, b) => b.priority - a.priority);
      setImmediate(() => this.#admit());
    });
  }

  #release(): void {
    this.#free += 1;
    this.#admit();
  }

  #admit(): void {
    while (this.#free > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#free -= 1;
      next.enter();
    }
  }
}
