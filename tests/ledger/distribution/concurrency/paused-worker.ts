import { expect } from "vitest";
import { createDatabase, type Database } from "@/db/client";
import type { TestDatabase } from "../../../support/database";

const GATE = 7_001;

/**
 * Makes one of the database's locking functions (in SQL) stand still in the sessions of `Slow`, after
 * it has taken its snapshot and before it locks its first row.
 */
export async function makeSlow({ ownerSql }: TestDatabase, name: string): Promise<void> {
  await ownerSql.unsafe(`
    create or replace function stand_by() returns boolean language plpgsql as $$
    begin
      if current_setting('application_name') = 'slow' then
        perform pg_advisory_xact_lock_shared(${GATE});
      end if;
      return true;
    end $$`);
  const [found] = await ownerSql<{ definition: string }[]>`
    select pg_get_functiondef(${name}::regproc) as definition`;
  const definition = found?.definition ?? "";
  const slow = definition.replace(/\bwhere\b/, "where stand_by() and");
  expect(slow, `the definition of ${name}`).not.toBe(definition);
  await ownerSql.unsafe(slow);
}

/** A worker that stands still where `makeSlow` says. */
export class Slow {
  /** One connection, so that one call at a time waits. */
  readonly db: Database;
  readonly #test: TestDatabase;

  constructor(test: TestDatabase) {
    this.#test = test;
    this.db = createDatabase(`${test.appUrl}?application_name=slow`, { max: 1 });
  }

  /** Starts `work`, does `meanwhile` while it stands still, and lets it go on to its end. */
  async during<T>(work: () => Promise<T>, meanwhile: () => Promise<unknown>): Promise<T> {
    const gate = await this.#test.ownerSql.reserve();
    await gate`select pg_advisory_lock(${GATE})`;
    const working = work();
    try {
      await expect.poll(() => this.#isWaiting(), { timeout: 10_000 }).toBe(true);
      await meanwhile();
    } finally {
      await gate`select pg_advisory_unlock(${GATE})`;
      gate.release();
    }
    return working;
  }

  close(): Promise<void> {
    return this.db.$client.end({ timeout: 5 });
  }

  async #isWaiting(): Promise<boolean> {
    const waiting = await this.#test.ownerSql`
      select from pg_locks where locktype = 'advisory' and not granted and objid = ${GATE}
        and database = (select oid from pg_database where datname = current_database())`;
    return waiting.length > 0;
  }
}
