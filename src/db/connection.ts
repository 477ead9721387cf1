import postgres from "postgres";

/** What a statement is to postgres-js: its text, its parameters, its options. */
export type Statement = Parameters<postgres.Sql["unsafe"]>;

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
 * null, which ends the process (porsager/postgres#1133, #1208, #1216). So one statement at a time
 * is given to it, and after the first doubt none at all: `isOpen` is false for good.
 */
export class Connection {
  readonly openedAtMs = performance.now();
  readonly #sql: postgres.Sql;
  #previous: Promise<unknown> = Promise.resolve();
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

  /** Runs a statement when those before it have ended, and answers its rows (`asValues`: as arrays). */
  run(statement: Statement, { asValues }: { asValues: boolean }): Promise<unknown[]> {
    return this.#inTurn(async () => {
      const [text, parameters, options] = statement;
      // Left to itself `unsafe` has every statement parsed and described anew: two round trips. Kept
      // by name it is one. The client's own `prepare` still rules: never behind a pooler.
      const prepare = (parameters?.length ?? 0) > 0;
      const query = this.#sql.unsafe(text, parameters, { ...options, prepare });
      return asValues ? await query.values() : await query;
    });
  }

  /** BEGIN, COMMIT and the like. */
  async command(text: string): Promise<void> {
    await this.run([text], { asValues: false });
  }

  /** When what was asked so far has ended, well or not. */
  async settled(): Promise<void> {
    await this.#previous;
  }

  /** Closes it, at once if it is in doubt; Postgres rolls back what is under way. */
  async close(): Promise<void> {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    await this.#sql.end({ timeout: wasOpen ? 5 : 0 });
  }

  /** Nothing may be sent any more: what is under way fails when the connection is closed. */
  abandon(): void {
    this.#isOpen = false;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const answer = this.#previous.then(() => this.#guarded(work));
    this.#previous = answer.catch(() => {});
    return answer;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isOpen) throw new ConnectionLost();
    try {
      return await work();
    } catch (error) {
      if (!isRefusal(error)) this.#isOpen = false;
      throw error;
    }
  }
}

/** True when Postgres refused a statement and waits for the next; all else leaves the connection in doubt. */
function isRefusal(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.severity === "ERROR";
}
