/** Readings that begin after they are asked for, one for all who ask meanwhile. */

interface Reading<Value> {
  readonly current: Promise<Value>;
  /** Begins when the current one has ended. */
  next: Promise<Value> | undefined;
}

export class FreshReads<Value> {
  readonly #read: (key: string) => Promise<Value>;
  readonly #readings = new Map<string, Reading<Value>>();

  constructor(read: (key: string) => Promise<Value>) {
    this.#read = read;
  }

  /** Of one that is under way already nobody knows whether it has seen what was there at this moment. */
  read(key: string): Promise<Value> {
    const reading = this.#readings.get(key);
    if (reading === undefined) return this.#start(key);
    reading.next ??= reading.current.then(
      () => this.#start(key),
      () => this.#start(key),
    );
    return reading.next;
  }

  #start(key: string): Promise<Value> {
    const current = this.#read(key);
    const reading: Reading<Value> = { current, next: undefined };
    this.#readings.set(key, reading);
    const end = (): void => {
      if (this.#readings.get(key) === reading && reading.next === undefined)
        this.#readings.delete(key);
    };
    current.then(end, end);
    return current;
  }
}
