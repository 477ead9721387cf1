import postgres from "postgres";

/** The arguments of postgres-js's `unsafe`: text, parameters and options. */
export type Statement = Parameters<postgres.Sql["unsafe"]>;

/** Small enough for the socket to accept at once; the client queues what follows a full socket. */
const MAX_PIPELINED = { statements: 8, characters: 4096 };

/** The connection was lost before this statement was sent. Its transaction was rolled back. */
export class ConnectionLost extends Error {
  constructor() {
    super("The connection to the database was lost; the transaction was rolled back.");
    this.name = "ConnectionLost";
  }
}

/**
 * One connection to Postgres that is never silently replaced. It wraps a postgres-js client of a
 * single connection, passes it only what it sends at once, and stops using it as soon as its state is
 * uncertain: `isOpen` stays false (docs/decisions/0009).
 *
 * Statements that the caller does not await are pipelined: they travel together and run in order,
 * each with its own result. A statement that is new to the connection (the client describes it
 * first), long, or the last of a full batch has to end before the next one is sent.
 */
export class Connection {
  readonly openedAtMs = performance.now();
  readonly #sql: postgres.Sql;
  /** Shapes of the statements that this connection has run. */
  readonly #known = new Set<string>();
  /** Settles when the last statement that blocks the pipeline has ended. */
  #sendable: Promise<unknown> = Promise.resolve();
  #sentSince = 0;
  #settled: Promise<unknown> = Promise.resolve();
  #isOpen = true;

  /** `connect` creates the client; nothing is sent before the first statement. */
  constructor(connect: (onclose: () => void) => postgres.Sql, onLost: (lost: Connection) => void) {
    this.#sql = connect(() => {
      this.#isOpen = false;
      onLost(this);
    });
  }

  /** False once the connection is closed or its state is unknown. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Runs a statement after all earlier ones and returns its rows, as arrays if `asValues`. */
  run(statement: Statement, { asValues }: { asValues: boolean }): Promise<unknown[]> {
    const [text, parameters = [], options] = statement;
    const result = this.#sendable.then(() =>
      this.#guarded(async () => {
        // By default `unsafe` parses and describes each statement again: two round trips. A prepared
        // statement takes one. The client's own `prepare` option overrides it behind a pooler.
        const prepare = parameters.length > 0;
        const query = this.#sql.unsafe(text, parameters, { ...options, prepare });
        return asValues ? await query.values() : await query;
      }),
    );
    const before = this.#settled;
    this.#settled = result.then(
      () => before,
      () => before,
    );
    const shape = shapeOf(text, parameters);
    this.#sentSince += 1;
    const mayPipelineNext =
      this.#known.has(shape) &&
      lengthOf(text, parameters) <= MAX_PIPELINED.characters &&
      this.#sentSince < MAX_PIPELINED.statements;
    if (!mayPipelineNext) {
      this.#sendable = this.#learn(shape, result);
      this.#sentSince = 0;
    }
    return result;
  }

  /** Runs BEGIN, COMMIT and similar commands. */
  async command(text: string): Promise<void> {
    await this.run([text], { asValues: false });
  }

  /** Resolves when all statements so far have settled. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  /** Closes the connection, immediately if its state is unknown; Postgres rolls back open work. */
  async close(): Promise<void> {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    await this.#sql.end({ timeout: wasOpen ? 5 : 0 });
  }

  /** Sends nothing more and fails the statements in flight. */
  abandon(): void {
    this.#isOpen = false;
    void this.#sql.end({ timeout: 0 });
  }

  async #learn(shape: string, result: Promise<unknown>): Promise<void> {
    try {
      await result;
      // Without prepared statements the client describes every statement again.
      if (this.#sql.options.prepare) this.#known.add(shape);
    } catch {
      // It stays unknown.
    }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isOpen) throw new ConnectionLost();
    try {
      return await work();
    } catch (error) {
      if (!isRefusal(error)) this.abandon();
      throw error;
    }
  }
}

/** What identifies a prepared statement to the client: its text and the inferred parameter types. */
function shapeOf(text: string, parameters: readonly unknown[]): string {
  return `${parameters.map(kindOf)} ${text}`;
}

function lengthOf(text: string, parameters: readonly unknown[]): number {
  return parameters.reduce<number>((sum, value) => sum + String(value).length, text.length);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? kindOf(value[0]) : Object.prototype.toString.call(value);
}

/**
 * Routines in Postgres that report an outdated prepared statement. The client then sends it again
 * behind the statements in flight, so results may go to the wrong statements.
 */
const OUTDATED = ["FetchPreparedStatement", "RevalidateCachedQuery", "transformAssignedExpr"];

/**
 * True if Postgres refused a statement and is ready for the next. Any other error leaves the state
 * unknown.
 */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof postgres.PostgresError &&
    error.severity === "ERROR" &&
    !OUTDATED.includes(error.routine)
  );
}
