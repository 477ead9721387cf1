import type { Connection, Statement } from "./connection";
import { type PendingRows, pendingRows } from "./pending-rows";

/** What drizzle needs of a transaction: statements and savepoints. */
export interface TransactionClient {
  unsafe(...statement: Statement): PendingRows;
  savepoint<T>(work: (client: TransactionClient) => Promise<T>): Promise<T>;
}

/**
 * Runs `work` between BEGIN and COMMIT on one connection. Rolls back if `work` or any of its statements
 * fails, even if `work` catches the error, because Postgres has aborted the transaction. After the
 * connection is lost, later statements fail with `ConnectionLost`. If it is lost during COMMIT, the
 * result is unknown; an idempotency key makes a retry safe.
 */
export async function runTransaction<T>(
  connection: Connection,
  work: (client: TransactionClient) => Promise<T>,
): Promise<T> {
  await connection.command("begin");
  const result = await new Scope(connection).run(work, "rollback");
  await connection.command("commit");
  return result;
}

/** A transaction or a savepoint within one. */
class Scope {
  readonly #connection: Connection;
  readonly #depth: number;
  #firstFailure: { readonly error: unknown } | undefined;
  #hasEnded = false;

  constructor(connection: Connection, depth = 0) {
    this.#connection = connection;
    this.#depth = depth;
  }

  async run<T>(work: (client: TransactionClient) => Promise<T>, undo: string): Promise<T> {
    try {
      const result = await work({
        unsafe: (...statement) => pendingRows((asValues) => this.#statement(statement, asValues)),
        savepoint: (inner) => this.#savepoint(inner),
      });
      await this.#connection.settled();
      if (this.#firstFailure !== undefined) throw this.#firstFailure.error;
      return result;
    } catch (error) {
      // A later statement would run after the rollback, outside of the transaction.
      this.#hasEnded = true;
      await this.#connection.settled();
      if (this.#connection.isOpen) await this.#undo(undo);
      throw error;
    } finally {
      this.#hasEnded = true;
    }
  }

  async #statement(statement: Statement, asValues: boolean): Promise<unknown[]> {
    this.#refuseAfterEnd();
    try {
      return await this.#connection.run(statement, { asValues });
    } catch (error) {
      this.#firstFailure ??= { error };
      throw error;
    }
  }

  async #savepoint<T>(work: (client: TransactionClient) => Promise<T>): Promise<T> {
    this.#refuseAfterEnd();
    const name = `nested_${this.#depth + 1}`;
    await this.#connection.command(`savepoint ${name}`);
    return new Scope(this.#connection, this.#depth + 1).run(work, `rollback to savepoint ${name}`);
  }

  #refuseAfterEnd(): void {
    if (this.#hasEnded) throw new Error("A statement came after the end of its transaction.");
  }

  /** Ignores its own failure: the caller needs the error of `work`. */
  async #undo(command: string): Promise<void> {
    await this.#connection.command(command).catch(() => this.#connection.abandon());
  }
}
