import postgres from "postgres";

/** What a statement is to postgres-js: its text, its parameters, its options. */
export type Statement = Parameters<postgres.Sql["unsafe"]>;

/** So little that a socket takes it at once: the client keeps back what comes after a full one. */
const MAX_PIPELINED = { statements: 8, characters: 4096 };

/** The connection was gone before this statement was sent: nothing of its transaction was kept. */
export class ConnectionLost extends Error {
  constructor() {
    super("The connection to the database was lost; nothing of this transaction was kept.");
    this.name = "ConnectionLost";
  }
}

/**
 * One connection to Postgres which is never replaced by another behind the back of whoever uses it.
 *
 * It is a postgres-js client of a single connection. That client would reconnect after a loss, and
 * postgres-js 3.4.9 then carries over what the old connection left behind: statements of a dead
 * transaction that run outside of it, an error of the old session that hits the new one's first
 * statement, half a message that no timer flushes any more, `rollback` written to a socket that is
 * null, which ends the process (porsager/postgres#1133, #1208, #1216). So the client is given only
 * what it sends at once and never what it would keep in a queue of its own, and after the first doubt
 * nothing at all: `isOpen` is false for good.
 *
 * What is asked for without waiting is pipelined: statements travel together, Postgres runs them in
 * the order in which they were asked, and each has its own answer. What comes after a statement that
 * is new to the connection (the client first asks Postgres about it), is long, or is one of many has
 * to wait until that one has ended.
 */
export class Connection {
  readonly openedAtMs = performance.now();
  readonly #sql: postgres.Sql;
  /** Statements that this connection has run before. */
  readonly #known = new Set<string>();
  /** When the last statement that others wait for has ended. */
  #sendable: Promise<unknown> = Promise.resolve();
  #sentSince = 0;
  #settled: Promise<unknown> = Promise.resolve();
  #isOpen = true;

  /** `connect` makes the client; nothing is sent before the first statement. */
  constructor(connect: (onclose: () => void) => postgres.Sql, onLost: (lost: Connection) => void) {
    this.#sql = connect(() => {
      this.#isOpen = false;
      onLost(this);
    });
  }

  /** False once the connection is closed, or in a state that nobody knows. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Runs a statement after those asked for before it, and answers its rows (`asValues`: as arrays). */
  run(statement: Statement, { asValues }: { asValues: boolean }): Promise<unknown[]> {
    const [text, parameters = [], options] = statement;
    const answer = this.#sendable.then(() =>
      this.#guarded(async () => {
        // Left alone, `unsafe` has every statement parsed and described anew: two round trips. Kept
        // by name it is one. The client's own `prepare` still rules: never behind a pooler.
        const prepare = parameters.length > 0;
        const query = this.#sql.unsafe(text, parameters, { ...options, prepare });
        return asValues ? await query.values() : await query;
      }),
    );
    const before = this.#settled;
    this.#settled = answer.then(
      () => before,
      () => before,
    );
    const shape = shapeOf(text, parameters);
    this.#sentSince += 1;
    const othersMayFollow =
      this.#known.has(shape) &&
      lengthOf(text, parameters) <= MAX_PIPELINED.characters &&
      this.#sentSince < MAX_PIPELINED.statements;
    if (!othersMayFollow) {
      this.#sendable = this.#learn(shape, answer);
      this.#sentSince = 0;
    }
    return answer;
  }

  /** BEGIN, COMMIT and the like. */
  async command(text: string): Promise<void> {
    await this.run([text], { asValues: false });
  }

  /** When what was asked so far has ended, well or not. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  /** Closes it, at once if it is in doubt; Postgres rolls back what is under way. */
  async close(): Promise<void> {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    await this.#sql.end({ timeout: wasOpen ? 5 : 0 });
  }

  /** Nothing may be sent any more, and what is under way fails. */
  abandon(): void {
    this.#isOpen = false;
    void this.#sql.end({ timeout: 0 });
  }

  async #learn(shape: string, answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
      // Without prepared statements each one is asked about whenever it is sent.
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

/** What the client tells prepared statements apart by: the text and which types it infers of values. */
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
 * Where in Postgres's code a prepared statement turns out to be outdated. The client then forgets it
 * and sends it once more behind what is under way, so that answers may go to the wrong statements.
 */
const OUTDATED = ["FetchPreparedStatement", "RevalidateCachedQuery", "transformAssignedExpr"];

/** True when Postgres refused a statement and waits for the next; all else leaves the connection in doubt. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof postgres.PostgresError &&
    error.severity === "ERROR" &&
    !OUTDATED.includes(error.routine)
  );
}
