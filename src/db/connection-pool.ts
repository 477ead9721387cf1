import type postgres from "postgres";
import { Connection } from "./connection";

const IDLE_MS = 60_000;
/** Spread, so that connections opened together do not end together. */
const LIFETIME_MS = { least: 30 * 60_000, most: 60 * 60_000 };

type Parked = { readonly connection: Connection; readonly timer: NodeJS.Timeout };
type Waiting = { resolve(connection: Connection): void; reject(reason: Error): void };

export interface PoolOptions {
  /** Connections at most. */
  readonly max: number;
  readonly connect: (onclose: () => void) => postgres.Sql;
}

/**
 * Lends connections, one to one user at a time, in the order in which they asked. A connection that
 * was lost is thrown away with all that postgres-js remembers of it, so that the pool heals by
 * itself: whoever comes next gets a fresh one.
 */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #all = new Set<Connection>();
  readonly #lifetimeMs = LIFETIME_MS.least + Math.random() * (LIFETIME_MS.most - LIFETIME_MS.least);
  #parked: Parked[] = [];
  #waiting: Waiting[] = [];
  #isEnding = false;
  #onDrained: () => void = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Lends a connection to `work` until it has settled. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#take();
    try {
      return await work(connection);
    } finally {
      this.#giveBack(connection);
    }
  }

  /**
   * Refuses new work, lets what was asked for finish, for `timeout` seconds at most, and closes
   * everything.
   */
  async end({ timeout }: { timeout?: number | undefined } = {}): Promise<void> {
    this.#isEnding = true;
    const closing = this.#parked.map(({ connection }) => this.#discard(connection));
    if (this.#all.size > 0) await this.#drained(timeout);
    for (const { reject } of this.#waiting.splice(0)) reject(poolEnded());
    for (const connection of this.#all) {
      connection.abandon();
      closing.push(this.#discard(connection));
    }
    await Promise.all(closing);
  }

  async #take(): Promise<Connection> {
    if (this.#isEnding) throw poolEnded();
    const parked = this.#parked.pop();
    if (parked !== undefined) {
      clearTimeout(parked.timer);
      return parked.connection;
    }
    if (this.#all.size < this.#options.max) return this.#open();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #giveBack(connection: Connection): void {
    const isYoung = performance.now() - connection.openedAtMs < this.#lifetimeMs;
    const isReusable = connection.isOpen && isYoung;
    if (!isReusable) void this.#discard(connection);
    const next = this.#waiting.shift();
    if (next !== undefined) next.resolve(isReusable ? connection : this.#open());
    else if (this.#isEnding) void this.#discard(connection);
    else if (isReusable) this.#park(connection);
  }

  #open(): Connection {
    const connection = new Connection(this.#options.connect, (lost) => this.#forgetIfParked(lost));
    this.#all.add(connection);
    return connection;
  }

  #park(connection: Connection): void {
    const timer = setTimeout(() => void this.#discard(connection), IDLE_MS);
    this.#parked.push({ connection, timer });
  }

  /** One that is lent out is thrown away when it is given back. */
  #forgetIfParked(lost: Connection): void {
    if (this.#parked.some(({ connection }) => connection === lost)) void this.#discard(lost);
  }

  async #discard(connection: Connection): Promise<void> {
    const parked = this.#parked.find((one) => one.connection === connection);
    clearTimeout(parked?.timer);
    this.#parked = this.#parked.filter((one) => one !== parked);
    this.#all.delete(connection);
    if (this.#all.size === 0) this.#onDrained();
    await connection.close();
  }

  async #drained(timeoutSeconds: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve;
      if (timeoutSeconds !== undefined) timer = setTimeout(resolve, timeoutSeconds * 1000);
    });
    clearTimeout(timer);
  }
}

function poolEnded(): Error {
  return new Error("The pool of database connections has ended.");
}
