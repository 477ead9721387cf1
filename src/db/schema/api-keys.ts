import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { user } from "./auth";
import { instant } from "./columns";

/**
 * A program that calls the API, with its keys in `apikey`: one, or two while a key is rotated. Spending
 * limits, idempotency keys and usage belong to the service, so a new key continues them.
 */
export const apiService = pgTable(
  "api_service",
  {
    id: text().primaryKey(),
    /** The user of a personal key. Null: a service of the site, which acts for the users it names. */
    userId: text().references(() => user.id, { onDelete: "cascade" }),
    name: text().notNull(),
    createdAt: instant().notNull(),
    /** Requests that one process accepts in a minute. Null: the default (docs/decisions/0092). */
    requestsPerMinute: integer(),
    /** All its keys stopped working then. The row stays for the usage. */
    revokedAt: instant(),
  },
  (table) => [
    index("api_service_user").on(table.userId, table.createdAt).where(sql`user_id is not null`),
    index("api_service_site").on(table.createdAt).where(sql`user_id is null`),
    check("api_service_requests", sql`requests_per_minute > 0`),
  ],
);

/**
 * Keys of the API. better-auth's plugin defines the columns and inserts the rows. We read `key` (the
 * hash), `start`, `permissions`, `enabled`, `expires_at` and `last_request`; its rate limit is off.
 */
export const apikey = pgTable(
  "apikey",
  {
    id: text().primaryKey(),
    configId: text().notNull(),
    name: text(),
    /** The first characters, which tell keys apart. */
    start: text(),
    /** The id of the service. */
    referenceId: text().notNull(),
    prefix: text(),
    key: text().notNull(),
    refillInterval: integer(),
    refillAmount: integer(),
    lastRefillAt: instant(),
    enabled: boolean().notNull().default(true),
    rateLimitEnabled: boolean().notNull().default(false),
    rateLimitTimeWindow: integer(),
    rateLimitMax: integer(),
    requestCount: integer().notNull().default(0),
    remaining: integer(),
    /** The last use, at most a minute late. */
    lastRequest: instant(),
    expiresAt: instant(),
    createdAt: instant().notNull(),
    updatedAt: instant().notNull(),
    permissions: text(),
    metadata: text(),
  },
  (table) => [
    uniqueIndex("apikey_key").on(table.key),
    index("apikey_reference").on(table.referenceId),
  ],
);
