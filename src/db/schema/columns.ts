import { bigint, timestamp } from "drizzle-orm/pg-core";

/** A whole number of credits or a sequence number: `bigint` in Postgres, a safe integer in TypeScript. */
export const whole = () => bigint({ mode: "number" });

/** An instant: `timestamptz` in Postgres, a `Date` in TypeScript. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });
