interface Waiting<Row> {
  readonly key: string;
  resolve(row: Row | null): void;
  reject(error: unknown): void;
}

/**
 * Reads rows by key, one query at a time. Reads that arrive together share a query, and those that arrive
 * while it is under way share the next. Each read sees what was committed before it, since nothing is
 * kept, and a busy process needs few queries.
 */
export class SharedReads<Row> {
  readonly #query: (keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>;
  #waiting: Waiting<Row>[] = [];
  #isReading = false;

  constructor(query: (keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>) {
    this.#query = query;
  }

  /** Null if there is no such row. Throws what the query throws. */
  read(key: string): Promise<Row | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      if (!this.#isReading) void this.#readAll();
    });
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    // The reads of one tick go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const reads = this.#waiting;
      this.#waiting = [];
      try {
        const rows = await this.#query([...new Set(reads.map(({ key }) => key))]);
        for (const { key, resolve } of reads) resolve(rows.get(key) ?? null);
      } catch (error) {
        for (const { reject } of reads) reject(error);
      }
    }
    this.#isReading = false;
  }
}
