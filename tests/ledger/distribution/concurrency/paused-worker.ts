import { expect } from "vitest";
import type { Database } from "@/db/client";
import { connectToDatabase } from "../../../support/connect-to-database";
import type { TestDatabase } from "../../../support/database";

/** While the test holds this advisory lock, paused workers wait. */
const LOCK = 7_001;

/**
 * Makes one of the database's SQL functions that lock rows pause in the sessions of `PausedWorker`,
 * after it has taken its snapshot and before it locks the first row.
 */
export async function installPause({ ownerSql }: TestDatabase, name: string): Promise<void> {
  await ownerSql.unsafe(`
    create or replace function pause_worker() returns boolean language plpgsql as $$
    begin
      if current_setting('application_name') = 'paused' then
        perform pg_advisory_xact_lock_shared(${LOCK});
      end if;
      return true;
    end $$`);
  const [found] = await ownerSql<{ definition: string }[]>`
    select pg_get_functiondef(${name}::regproc) as definition`;
  const definition = found?.definition ?? "";
  const pausing = definition.replace(/\bwhere\b/, "where pause_worker() and");
  expect(pausing, `the definition of ${name}`).not.toBe(definition);
  await ownerSql.unsafe(pausing);
}

/** A worker that pauses where `installPause` was applied. */
export class PausedWorker {
  /** One connection, so that one call waits at a time. */
  readonly db: Database;
  readonly #test: TestDatabase;

  constructor(test: TestDatabase) {
    this.#test = test;
    this.db = connectToDatabase(`${test.appUrl}?application_name=paused`, { max: 1 });
  }

  /** Starts `work`, runs `interruption` while it is paused, and awaits its result. */
  async during<T>(work: () => Promise<T>, interruption: () => Promise<unknown>): Promise<T> {
    const holder = await this.#test.ownerSql.reserve();
    await holder`select pg_advisory_lock(${LOCK})`;
    const result = work();
    try {
      await expect.poll(() => this.#isWaiting(), { timeout: 10_000 }).toBe(true);
      await interruption();
    } finally {
      await holder`select pg_advisory_unlock(${LOCK})`;
      holder.release();
    }
    return result;
  }

  close(): Promise<void> {
    return this.db.$client.end({ timeout: 5 });
  }

  async #isWaiting(): Promise<boolean> {
    const waiting = await this.#test.ownerSql`
      select from pg_locks where locktype = 'advisory' and not granted and objid = ${LOCK}
        and database = (select oid from pg_database where datname = current_database())`;
    return waiting.length > 0;
  }
}
