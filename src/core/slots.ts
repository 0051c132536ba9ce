/**
 * A bounded number of places, given to whoever waits with the highest priority, in the order of asking among
 * equals. `use` gives its place back however the work ends.
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
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((enter) => {
      this.#waiting.push({ priority, enter });
      // Array sort is stable: equals keep the order of asking.
      this.#waiting.sort((a, b) => b.priority - a.priority);
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next.enter();
  }
}
