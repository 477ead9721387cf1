import { type SQL, sql } from "drizzle-orm";
import { InvalidAmount } from "./errors";

/** An instant as a typed parameter; null stays null. */
export function instant(at: Date | null): SQL {
  return sql`${at === null ? null : at.toISOString()}::timestamptz`;
}

/** A number of credits as a typed parameter. Throws `InvalidAmount` unless it is a safe integer. */
export function credits(amount: number): SQL {
  if (!Number.isSafeInteger(amount)) {
    throw new InvalidAmount("An amount of credits is a whole number.", null);
  }
  return sql`${amount}::bigint`;
}

/** A number of hours as a Postgres interval. */
export function hours(count: number): SQL {
  return sql`make_interval(hours => ${count}::integer)`;
}
