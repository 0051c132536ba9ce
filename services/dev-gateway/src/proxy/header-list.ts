/** Header fields in order, with the spelling of their names kept, and looked up without regard to case. */
export class HeaderList {
  #flat: string[];
  #keys: string[];

  private constructor(flat: string[]) {
    this.#flat = flat;
    this.#keys = [];
    for (let index = 0; index < flat.length; index += 2) this.#keys.push((flat[index] ?? '').toLowerCase());
  }

  /** @param flat name, value, name, value, ... as Node's `rawHeaders` */
  static fromFlat(flat: readonly string[]): HeaderList {
    return new HeaderList([...flat]);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The first value of the field. */
  get(name: string): string | undefined {
    const index = this.#keys.indexOf(name.toLowerCase());
    return index < 0 ? undefined : this.#flat[index * 2 + 1];
  }

  all(name: string): string[] {
    const key = name.toLowerCase();
    const values: string[] = [];
    for (let index = 0; index < this.#keys.length; index += 1) {
      if (this.#keys[index] === key) values.push(this.#flat[index * 2 + 1] ?? '');
    }
    return values;
  }

  has(name: string): boolean {
    return this.#keys.includes(name.toLowerCase());
  }

  /** Replaces all fields of that name by one. */
  set(name: string, value: string): void {
    const key = name.toLowerCase();
    const index = this.#keys.indexOf(key);
    if (index < 0) {
      this.add(name, value);
      return;
    }
    this.#flat[index * 2 + 1] = value;
    if (this.#keys.indexOf(key, index + 1) >= 0) this.#filter((other, at) => other !== key || at === index);
  }

  add(name: string, value: string): void {
    this.#keys.push(name.toLowerCase());
    this.#flat.push(name, value);
  }

  remove(name: string): void {
    const key = name.toLowerCase();
    if (this.#keys.includes(key)) this.#filter((other) => other !== key);
  }

  /** Keeps the fields whose lower-case name passes. */
  retain(keep: (lowerName: string) => boolean): void {
    this.#filter((key) => keep(key));
  }

  toFlat(): string[] {
    return [...this.#flat];
  }

  /** Lower-case names; a field that occurs more than once is a list. */
  toRecord(): Record<string, string | string[]> {
    // Without a prototype there is no field name that means something else, such as `__proto__`.
    const record: Record<string, string | string[]> = Object.create(null);
    for (let index = 0; index < this.#keys.length; index += 1) {
      const key = this.#keys[index] ?? '';
      const value = this.#flat[index * 2 + 1] ?? '';
      const known = record[key];
      if (known === undefined) record[key] = value;
      else if (Array.isArray(known)) known.push(value);
      else record[key] = [known, value];
    }
    return record;
  }

  /** Bytes on the wire: name, colon, blank, value, line end for each. */
  byteLength(): number {
    let total = 0;
    for (const text of this.#flat) total += text.length + 2;
    return total;
  }

  #filter(keep: (key: string, index: number) => boolean): void {
    const flat: string[] = [];
    const keys: string[] = [];
    for (const [index, key] of this.#keys.entries()) {
      if (!keep(key, index)) continue;
      keys.push(key);
      flat.push(this.#flat[index * 2] ?? '', this.#flat[index * 2 + 1] ?? '');
    }
    this.#flat = flat;
    this.#keys = keys;
  }
}
