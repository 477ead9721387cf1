import { bigint, customType, timestamp } from "drizzle-orm/pg-core";
import { storableJson } from "@/lib/storable-text";

/** A whole number of credits or a sequence number: `bigint` in Postgres, a safe integer in TypeScript. */
export const whole = () => bigint({ mode: "number" });

/** An instant: `timestamptz` in Postgres, a `Date` in TypeScript. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });

/** `jsonb`. Characters that it cannot hold become U+FFFD, so that no text makes a write fail. */
export const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: storableJson,
});

/** `bytea`, kept byte for byte. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });
