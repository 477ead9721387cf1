import { bigint, timestamp } from "drizzle-orm/pg-core";

/** A whole number of credits or a sequence number: `bigint` in Postgres, a safe integer here. */
export const whole = () => bigint({ mode: "number" });

/** An instant. Always with time zone; read as a `Date`. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });
