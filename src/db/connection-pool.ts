import type postgres from "postgres";
import { Connection } from "./connection";

const IDLE_MS = 60_000;
/** A range, so that connections opened together don't end together. */
const LIFETIME_MS = { min: 30 * 60_000, max: 60 * 60_000 };

type Parked = { readonly connection: Connection; readonly timer: NodeJS.Timeout };
type Waiting = { resolve(connection: Connection): void; reject(reason: Error): void };

export interface PoolOptions {
  /** Maximum number of connections. */
  readonly max: number;
  readonly connect: (onclose: () => void) => postgres.Sql;
}

/**
 * Lends each connection to one caller at a time, in the order of their requests. Discards a lost
 * connection together with its postgres-js client, so the next caller gets a new one.
 */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #all = new Set<Connection>();
  readonly #lifetimeMs = LIFETIME_MS.min + Math.random() * (LIFETIME_MS.max - LIFETIME_MS.min);
  #parked: Parked[] = [];
  #waiting: Waiting[] = [];
  #isEnding = false;
  #onDrained: () => void = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Lends a connection to `work` until it settles. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#take();
    try {
      return await work(connection);
    } finally {
      this.#return(connection);
    }
  }

  /**
   * Refuses new work, lets requested work finish for at most `timeout` seconds, and closes all
   * connections.
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

  #return(connection: Connection): void {
    const isYoung = performance.now() - connection.openedAtMs < this.#lifetimeMs;
    const isReusable = connection.isOpen && isYoung;
    if (!isReusable) void this.#discard(connection);
    const next = this.#waiting.shift();
    if (next !== undefined) next.resolve(isReusable ? connection : this.#open());
    else if (this.#isEnding) void this.#discard(connection);
    else if (isReusable) this.#park(connection);
  }

  #open(): Connection {
    const connection = new Connection(this.#options.connect, (lost) => this.#discardIfParked(lost));
    this.#all.add(connection);
    return connection;
  }

  #park(connection: Connection): void {
    const timer = setTimeout(() => void this.#discard(connection), IDLE_MS);
    this.#parked.push({ connection, timer });
  }

  /** A lent connection is discarded when it is returned. */
  #discardIfParked(lost: Connection): void {
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
