import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, whole } from "./columns";

/** better-auth's tables. The library defines the names; our own columns are marked. */
export const user = pgTable(
  "user",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    email: text().notNull(),
    emailVerified: boolean().notNull().default(false),
    image: text(),
    createdAt: instant().notNull().defaultNow(),
    updatedAt: instant().notNull().defaultNow(),
    role: text().notNull().default("user"),
    banned: boolean().notNull().default(false),
    banReason: text(),
    banExpires: instant(),
    /** True once the user has confirmed an authenticator app. */
    twoFactorEnabled: boolean().notNull().default(false),
    /** Ours: the language of the user's emails. */
    locale: text().notNull().default("en"),
    /** Ours: the IANA time zone of the user's days. */
    timeZone: text().notNull().default("UTC"),
    /** Ours: the user's one Stripe customer. Only the server sets it. */
    stripeCustomerId: text(),
    /** Ours: raised when credentials end, so that a sign-in that is under way fails. */
    credentialsEpoch: integer().notNull().default(0),
    /** Ours: when the account was deleted. The anonymised row stays for the books. */
    deletedAt: instant(),
  },
  (table) => [
    uniqueIndex("user_email_unique").on(table.email),
    uniqueIndex("user_stripe_customer_unique").on(table.stripeCustomerId),
    index("user_created_at").on(table.createdAt, table.id),
    index("user_admins").on(table.createdAt, table.id).where(sql`role = 'admin'`),
    index("user_banned").on(table.createdAt, table.id).where(sql`banned`),
    index("user_deleted").on(table.createdAt, table.id).where(sql`deleted_at is not null`),
    // The admin searches for any part of an address or a name.
    index("user_search").using(
      "gin",
      table.email.op("gin_trgm_ops"),
      table.name.op("gin_trgm_ops"),
    ),
    // A term of one or two characters has no trigram; it matches prefixes.
    index("user_email_start").on(sql`lower(email) text_pattern_ops`),
    index("user_name_start").on(sql`lower(name) text_pattern_ops`),
    // Chinese has no trigrams in a database with locale C; it matches characters.
    index("user_name_characters").using("gin", sql`string_to_array(name, null)`),
  ],
);

export const session = pgTable(
  "session",
  {
    id: text().primaryKey(),
    token: text().notNull().unique(),
    userId: text()
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    expiresAt: instant().notNull(),
    createdAt: instant().notNull().defaultNow(),
    updatedAt: instant().notNull().defaultNow(),
    ipAddress: text(),
    userAgent: text(),
    impersonatedBy: text(),
    /** Ours: the last use, at most ten minutes late. Null until the first page after the sign-in. */
    lastUsedAt: instant(),
    /** Ours: when this session last confirmed the password. */
    passwordAt: instant(),
    /** Ours: when this session last confirmed a second factor. */
    secondFactorAt: instant(),
  },
  (table) => [index("session_user").on(table.userId)],
);

export const account = pgTable(
  "account",
  {
    id: text().primaryKey(),
    accountId: text().notNull(),
    providerId: text().notNull(),
    userId: text()
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    accessToken: text(),
    refreshToken: text(),
    idToken: text(),
    accessTokenExpiresAt: instant(),
    refreshTokenExpiresAt: instant(),
    scope: text(),
    password: text(),
    createdAt: instant().notNull().defaultNow(),
    updatedAt: instant().notNull().defaultNow(),
  },
  (table) => [index("account_user").on(table.userId)],
);

export const verification = pgTable(
  "verification",
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: instant().notNull(),
    createdAt: instant().notNull().defaultNow(),
    updatedAt: instant().notNull().defaultNow(),
  },
  (table) => [index("verification_identifier").on(table.identifier)],
);

/** A user's authenticator app. The secret and the backup codes are encrypted with the auth secret. */
export const twoFactor = pgTable(
  "two_factor",
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    secret: text().notNull(),
    backupCodes: text().notNull(),
    /** False until the first code was entered. */
    verified: boolean().notNull().default(true),
    failedVerificationCount: integer().notNull().default(0),
    lockedUntil: instant(),
  },
  (table) => [uniqueIndex("two_factor_user_unique").on(table.userId)],
);

/** Passkeys of a user. Only the public key is stored, base64. */
export const passkey = pgTable(
  "passkey",
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    /** Typed by the user. */
    name: text(),
    publicKey: text().notNull(),
    /** base64url. The library defines the name of the field. */
    credentialID: text("credential_id").notNull().unique(),
    /** 32 bits, unsigned. */
    counter: whole().notNull(),
    deviceType: text().notNull(),
    backedUp: boolean().notNull(),
    transports: text(),
    aaguid: text(),
    createdAt: instant().notNull().defaultNow(),
    /** Ours: the last sign-in or proof with it. */
    lastUsedAt: instant(),
  },
  (table) => [index("passkey_user").on(table.userId)],
);

/**
 * Sign-ins and changes of the credentials, which the security page lists. Ours, not better-auth's.
 * `network` is a shortened address.
 */
export const signInEvent = pgTable(
  "sign_in_event",
  {
    id: uuid().primaryKey(),
    userId: text()
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    kind: text().notNull(),
    browser: text(),
    system: text(),
    network: text(),
    at: instant().notNull(),
  },
  (table) => [
    index("sign_in_event_user").on(table.userId, table.at.desc()),
    index("sign_in_event_at").on(table.at),
  ],
);

/** One counter per key and window. better-auth counts its own routes, `consumeAttempt` ours. */
export const rateLimit = pgTable("rate_limit", {
  id: text().primaryKey(),
  key: text().notNull().unique(),
  count: integer().notNull(),
  lastRequest: whole().notNull(),
});
