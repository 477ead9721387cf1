import { and, asc, desc, eq, getTableColumns, gt, inArray, or, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "@/db/client";
import {
  account,
  auditLog,
  checkoutSession,
  dailySignIn,
  freeCreditClaim,
  notification,
  notificationPreference,
  outbox,
  passkey,
  payment,
  priceChange,
  session,
  signInEvent,
  subscription,
  trial,
  twoFactor,
  user,
} from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import { creditHold, creditLot, creditSchedule } from "@/ledger/schema";
import { NotFound } from "@/lib/errors";
import { product } from "@/product/current";
import type { ExportPart } from "@/product/product";

/** Raised when a field is renamed, removed or changes its meaning. docs/export.md describes it. */
const EXPORT_VERSION = 1;

/** Rows read at once. Each page is a query of its own: a transaction-mode pooler keeps no cursors. */
const PAGE_SIZE = 1_000;

interface Parts {
  readonly [name: string]: ExportPart | Parts;
}

/**
 * Everything that is stored about a user, as the text of one JSON object in parts. Lists are read page
 * by page, so memory does not grow with them. Secrets (passwords, tokens, keys) are left out. Rows that
 * are written during the export may be missing. The shape is in docs/export.md.
 * @throws NotFound if the account is deleted
 */
export async function* exportPersonalData(
  db: Database,
  { userId, now, pageSize = PAGE_SIZE }: { userId: string; now: Date; pageSize?: number },
): AsyncGenerator<string> {
  const [person] = await db.select().from(user).where(eq(user.id, userId));
  if (person === undefined || person.deletedAt !== null) throw new NotFound("user");
  const rows = <T extends PgTable>(table: T, owner: PgColumn, key: PgColumn) =>
    pagesOf(db, { table, owner, key, userId, pageSize });
  const parts: Parts = {
    format: async () => "qiflow-export",
    version: async () => EXPORT_VERSION,
    exportedAt: async () => now,
    profile: async () => person,
    signInMethods: () =>
      db
        .select({ provider: account.providerId, createdAt: account.createdAt })
        .from(account)
        .where(eq(account.userId, userId)),
    sessions: () =>
      db
        .select({
          signedInAt: session.createdAt,
          expiresAt: session.expiresAt,
          lastUsedAt: session.lastUsedAt,
          network: session.ipAddress,
          userAgent: session.userAgent,
        })
        .from(session)
        .where(eq(session.userId, userId))
        .orderBy(desc(session.createdAt)),
    secondFactors: {
      authenticatorApps: () =>
        db
          .select({ verified: twoFactor.verified })
          .from(twoFactor)
          .where(eq(twoFactor.userId, userId)),
      passkeys: () =>
        db
          .select({
            name: passkey.name,
            deviceType: passkey.deviceType,
            createdAt: passkey.createdAt,
          })
          .from(passkey)
          .where(eq(passkey.userId, userId)),
    },
    signInLog: rows(signInEvent, signInEvent.userId, signInEvent.id),
    product: product.exportRecords(db, userId),
    credits: {
      balance: () => getBalance(db, { userId, now }),
      ledger: ledgerPages(db, { userId, now, pageSize }),
      lots: rows(creditLot, creditLot.userId, creditLot.seq),
      holds: rows(creditHold, creditHold.userId, creditHold.key),
      schedules: rows(creditSchedule, creditSchedule.userId, creditSchedule.id),
      freeCredits: rows(freeCreditClaim, freeCreditClaim.userId, freeCreditClaim.userId),
      dailySignIns: rows(dailySignIn, dailySignIn.userId, dailySignIn.day),
    },
    billing: {
      payments: rows(payment, payment.userId, payment.id),
      subscriptions: rows(subscription, subscription.userId, subscription.id),
      trials: rows(trial, trial.userId, trial.userId),
      priceChanges: rows(priceChange, priceChange.userId, priceChange.id),
      checkouts: rows(checkoutSession, checkoutSession.userId, checkoutSession.id),
    },
    notifications: rows(notification, notification.userId, notification.id),
    notificationSettings: async () =>
      (
        await db
          .select()
          .from(notificationPreference)
          .where(eq(notificationPreference.userId, userId))
      )[0] ?? null,
    emails: emailPages(db, { userId, pageSize }),
    auditLog: auditPages(db, { userId, pageSize }),
  };
  yield* jsonText(parts);
}

/** The text of a JSON object, one piece for each value and page. */
export async function* jsonText(parts: Parts): AsyncGenerator<string> {
  let separator = "{\n";
  for (const [name, part] of Object.entries(parts)) {
    yield `${separator}${JSON.stringify(name)}: `;
    separator = ",\n";
    if (typeof part === "function") yield JSON.stringify((await part()) ?? null);
    else if (isPages(part)) yield* listText(part);
    else yield* jsonText(part);
  }
  yield separator === ",\n" ? "\n}\n" : "{}";
}

async function* listText(pages: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield separator + page.map((row) => JSON.stringify(row)).join(",\n");
    separator = ",\n";
  }
  yield separator === ",\n" ? "\n]" : "[]";
}

function isPages(part: Parts | AsyncIterable<readonly unknown[]>) {
  return Symbol.asyncIterator in part;
}

/** The user's rows in the order of a column that is unique for each user. Without the user's id. */
async function* pagesOf(
  db: Database,
  query: { table: PgTable; owner: PgColumn; key: PgColumn; userId: string; pageSize: number },
): AsyncGenerator<Record<string, unknown>[]> {
  const { table, owner, key, userId, pageSize } = query;
  const { userId: _, ...columns } = getTableColumns(table);
  const keyText = sql<string>`${key}::text`;
  let last: string | undefined;
  do {
    const past =
      last === undefined ? undefined : gt(key, sql`${last}::${sql.raw(key.getSQLType())}`);
    const rows = await db
      .select({ ...columns, keyText })
      .from(table)
      .where(and(eq(owner, userId), past))
      .orderBy(asc(key))
      .limit(pageSize);
    yield rows.map(({ keyText: _key, ...row }) => row);
    last = rows.length < pageSize ? undefined : rows.at(-1)?.keyText;
  } while (last !== undefined);
}

/** Newest first. Lots that have expired but are not booked yet come first, without `bookedAt`. */
async function* ledgerPages(
  db: Database,
  { userId, now, pageSize }: { userId: string; now: Date; pageSize: number },
) {
  for (let before: number | null | undefined; before !== null; ) {
    const turn = { before: before ?? null };
    const search = { userId, filter: {}, limit: pageSize, now, turn };
    const page = await searchLedger(db, search);
    yield page.rows;
    before = page.olderBefore;
  }
}

/** The emails that are still stored, without secret links. */
async function* emailPages(
  db: Database,
  { userId, pageSize }: { userId: string; pageSize: number },
) {
  let last: string | undefined;
  do {
    const rows = await db
      .select({
        id: outbox.id,
        status: outbox.status,
        createdAt: outbox.createdAt,
        sentAt: outbox.doneAt,
        email: sql<unknown>`${outbox.payload} #- '{props,url}'`,
      })
      .from(outbox)
      .where(
        and(
          eq(outbox.userId, userId),
          eq(outbox.kind, "email"),
          last === undefined ? undefined : gt(outbox.id, last),
        ),
      )
      .orderBy(asc(outbox.id))
      .limit(pageSize);
    yield rows;
    last = rows.length < pageSize ? undefined : rows.at(-1)?.id;
  } while (last !== undefined);
}

/** What staff changed for the user, without their names, and the user's own sign-ins as an admin. */
async function* auditPages(
  db: Database,
  { userId, pageSize }: { userId: string; pageSize: number },
) {
  const isOwnSignIn = and(
    eq(auditLog.actorId, userId),
    inArray(auditLog.action, ["admin.sign-in", "admin.refused"]),
  );
  const { id, action, reason, before, after, createdAt } = auditLog;
  let last: string | undefined;
  do {
    const rows = await db
      .select({ id, action, reason, before, after, createdAt })
      .from(auditLog)
      .where(
        and(
          or(eq(auditLog.targetUserId, userId), isOwnSignIn),
          last === undefined ? undefined : gt(id, last),
        ),
      )
      .orderBy(asc(id))
      .limit(pageSize);
    yield rows;
    last = rows.length < pageSize ? undefined : rows.at(-1)?.id;
  } while (last !== undefined);
}
