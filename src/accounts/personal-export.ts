import { and, asc, desc, eq, getTableColumns, gt, inArray, or, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "@/db/client";
import {
  account,
  apikey,
  apiService,
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
  supplyConsent,
  trial,
  twoFactor,
  user,
  withdrawal,
} from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import {
  creditHold,
  creditHoldExtension,
  creditLot,
  creditSchedule,
  creditUnbilled,
} from "@/ledger/schema";
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
  const rows = (table: PgTable, owner: PgColumn, by: PgColumn) =>
    pagesOf(db, { table, owner, by, userId, pageSize });
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
            createdAt: passkey.createdAt,
            lastUsedAt: passkey.lastUsedAt,
            backedUp: passkey.backedUp,
            authenticator: passkey.aaguid,
            credentialId: passkey.credentialID,
          })
          .from(passkey)
          .where(eq(passkey.userId, userId))
          .orderBy(asc(passkey.createdAt)),
    },
    apiKeys: () =>
      db
        .select({
          serviceId: apiService.id,
          name: apiService.name,
          createdAt: apiService.createdAt,
          revokedAt: apiService.revokedAt,
          start: apikey.start,
          permissions: apikey.permissions,
          keyCreatedAt: apikey.createdAt,
          expiresAt: apikey.expiresAt,
          lastUsedAt: apikey.lastRequest,
        })
        .from(apiService)
        .leftJoin(apikey, eq(apikey.referenceId, apiService.id))
        .where(eq(apiService.userId, userId)),
    signInLog: rows(signInEvent, signInEvent.userId, signInEvent.id),
    product: product.exportRecords(db, userId),
    credits: {
      balance: () => getBalance(db, { userId, now }),
      ledger: ledgerPages(db, { userId, now, pageSize }),
      lots: rows(creditLot, creditLot.userId, creditLot.seq),
      holds: rows(creditHold, creditHold.userId, creditHold.key),
      holdExtensions: rows(
        creditHoldExtension,
        creditHoldExtension.userId,
        creditHoldExtension.key,
      ),
      unbilled: rows(creditUnbilled, creditUnbilled.userId, creditUnbilled.key),
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
      consents: rows(supplyConsent, supplyConsent.userId, supplyConsent.sessionId),
      withdrawals: rows(withdrawal, withdrawal.userId, withdrawal.id),
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

/** Pages of rows, each read after the last key of the page before. */
async function* pages<Row extends { readonly key: string }>(
  pageSize: number,
  read: (after: string | undefined) => Promise<Row[]>,
): AsyncGenerator<Omit<Row, "key">[]> {
  let after: string | undefined;
  do {
    const rows = await read(after);
    yield rows.map(({ key: _, ...row }) => row);
    after = rows.length < pageSize ? undefined : rows.at(-1)?.key;
  } while (after !== undefined);
}

/** The user's rows by a column that is unique for each user, without the ids of the user and of staff. */
function pagesOf(
  db: Database,
  query: { table: PgTable; owner: PgColumn; by: PgColumn; userId: string; pageSize: number },
) {
  const { table, owner, by, userId, pageSize } = query;
  const { userId: _, releasedBy: __, ...columns } = getTableColumns(table);
  return pages(pageSize, (after) =>
    db
      .select({ ...columns, key: sql<string>`${by}::text` })
      .from(table)
      .where(
        and(
          eq(owner, userId),
          after === undefined ? undefined : gt(by, sql`${after}::${sql.raw(by.getSQLType())}`),
        ),
      )
      .orderBy(asc(by))
      .limit(pageSize),
  );
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
function emailPages(db: Database, { userId, pageSize }: { userId: string; pageSize: number }) {
  const { id, status, createdAt, doneAt: sentAt, payload } = outbox;
  return pages(pageSize, (after) =>
    db
      .select({
        key: id,
        id,
        status,
        createdAt,
        sentAt,
        email: sql<unknown>`${payload} #- '{props,url}'`,
      })
      .from(outbox)
      .where(
        and(
          eq(outbox.userId, userId),
          eq(outbox.kind, "email"),
          after === undefined ? undefined : gt(id, after),
        ),
      )
      .orderBy(asc(id))
      .limit(pageSize),
  );
}

/** What staff changed for the user, without their names, and the user's own sign-ins as an admin. */
function auditPages(db: Database, { userId, pageSize }: { userId: string; pageSize: number }) {
  const { id, action, reason, before, after, createdAt } = auditLog;
  const isOwnSignIn = and(
    eq(auditLog.actorId, userId),
    inArray(action, ["admin.sign-in", "admin.refused"]),
  );
  return pages(pageSize, (afterId) =>
    db
      .select({ key: id, id, action, reason, before, after, createdAt })
      .from(auditLog)
      .where(
        and(
          or(eq(auditLog.targetUserId, userId), isOwnSignIn),
          afterId === undefined ? undefined : gt(id, afterId),
        ),
      )
      .orderBy(asc(id))
      .limit(pageSize),
  );
}
