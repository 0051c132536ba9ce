/**
 * Who reads a batch next. Batches that arrive together are not read all in one turn of the event loop: in between, the disk's word on
 * the earlier ones is heard and passed on, and their senders send the next while the later ones are read. Read in one go, readers,
 * senders and disk would wait for each other in rows.
 */

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

export class Turns {
  readonly #turnBytes: number;
  readonly #waiting: Waiting[] = [];
  #isNextAwaited = false;

  /** @param turnBytes what is read in one turn at least, where there is so much; a batch is read whole */
  constructor(turnBytes: number) {
    this.#turnBytes = turnBytes;
  }

  /** Resolves when it is the turn of a batch of so many bytes, in the order of the calls. */
  next(bytes: number): Promise<void> {
    return new Promise((begin) => {
      this.#waiting.push({ bytes, begin });
      this.#awaitNext();
    });
  }

  #awaitNext(): void {
    if (this.#isNextAwaited) return;
    this.#isNextAwaited = true;
    setImmediate(() => {
      this.#isNextAwaited = false;
      this.#begin();
      if (this.#waiting.length > 0) this.#awaitNext();
    });
  }

  #begin(): void {
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && bytes < this.#turnBytes; count += 1)
      bytes += this.#waiting[count]?.bytes ?? 0;
    for (const { begin } of this.#waiting.splice(0, count)) begin();
  }
}
