import { and, eq, exists, ilike, inArray, isNotNull, not, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { PlanId } from "@/catalog/catalog";
import { PLAN_IDS } from "@/catalog/catalog";
import type { Executor } from "@/db/client";
import { payment, user } from "@/db/schema";
import { creditAccount } from "@/ledger/schema";
import type { UsersFilter } from "../input";
import { keysetPage, type Page, toPage } from "../lists/keyset";

export interface ListedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly banned: boolean;
  readonly deletedAt: Date | null;
  readonly createdAt: Date;
  readonly cursorAt: string;
  /** What the person is a paid member of at `at`. */
  readonly plan: PlanId;
  /** What could be spent at `at`; negative is debt. */
  readonly available: number;
  readonly frozen: boolean;
}

/**
 * One page of users, newest first, found by a part of their e-mail or name, or by their id or
 * Stripe customer. Plan and balance are true at `at` and read for the page's rows only.
 */
export async function listUsers(
  reader: Executor,
  { filter, at }: { filter: UsersFilter; at: Date },
): Promise<Page<ListedUser>> {
  const order = { at: user.createdAt, id: user.id, ids: "desc" } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(order, filter);
  const { id, name, email, role, banned, deletedAt, createdAt } = user;
  const rows = await reader
    .select({ id, name, email, role, banned, deletedAt, createdAt, cursorAt })
    .from(user)
    .where(and(beyond, ...conditions(reader, filter, at)))
    .orderBy(...orderBy)
    .limit(limit);
  const page = toPage(rows, filter);
  const standings = await readStandings(
    reader,
    page.rows.map((row) => row.id),
    at,
  );
  return {
    ...page,
    rows: page.rows.map((row) => ({ ...row, ...(standings.get(row.id) ?? NOTHING) })),
  };
}

function conditions(reader: Executor, filter: UsersFilter, at: Date): (SQL | undefined)[] {
  return [
    filter.q === "" ? undefined : matches(filter.q),
    filter.role === "any" ? undefined : eq(user.role, filter.role),
    stateIs(reader, filter.state),
    filter.paid === "any" ? undefined : isPaid(reader, filter.paid === "paid", at),
  ];
}

/**
 * Each way of searching follows an index: a part by its trigrams; characters beyond ASCII, of which a
 * database in the locale C makes no trigrams, by the name that has them all; one or two letters, which
 * have none anywhere, as a beginning. What is sought is a constant of the statement: a common one is
 * found soonest among the newest users and a rare one by its index, so a plan that was kept for any
 * term at all would take a second for one of them.
 */
function matches(term: string): SQL | undefined {
  const whole = [eq(user.id, term), eq(user.stripeCustomerId, term)];
  const part = constant(`%${term.replace(/[\\%_]/g, "\\$&")}%`);
  if (/[a-z\d]{3}/i.test(term))
    return or(ilike(user.email, part), ilike(user.name, part), ...whole);
  if (/[^\0-\x7f]/.test(term)) {
    const characters = sql.join([...new Set(term)].map(constant), sql`, `);
    const named = sql`string_to_array(${user.name}, null) @> array[${characters}]`;
    return or(and(named, ilike(user.name, part)), ...whole);
  }
  return or(startsWith(user.email, term), startsWith(user.name, term), ...whole);
}

/** A text written into the statement as the numbers of its characters, so that nothing in it is SQL. */
function constant(text: string): SQL {
  const points = Array.from(
    text.replace(/\p{Surrogate}/gu, "\ufffd"),
    (c) => c.codePointAt(0) ?? 0,
  );
  return sql.raw(`(${points.map((point) => `chr(${point})`).join(" || ")})`);
}

/** As a range of bytes, which the index can seek to whatever the plan was made for. */
function startsWith(column: PgColumn, term: string): SQL {
  const start = term.toLowerCase();
  return sql`lower(${column}) ~>=~ ${start} and lower(${column}) ~<~ ${`${start}\u{10ffff}`}`;
}

function stateIs(reader: Executor, state: UsersFilter["state"]): SQL | undefined {
  if (state === "any") return undefined;
  if (state === "deleted") return isNotNull(user.deletedAt);
  // Written out, so that a partial index on it can be seen to fit.
  if (state === "banned") return sql`${user.banned}`;
  return exists(
    reader
      .select({ one: sql`1` })
      .from(creditAccount)
      .where(and(eq(creditAccount.userId, user.id), isNotNull(creditAccount.frozenAt))),
  );
}

/** The rule of `credits_paid_member_at`, in a form that a page of rows can be filtered by. */
function isPaid(reader: Executor, paid: boolean, at: Date): SQL {
  const instant = sql`${at.toISOString()}::timestamptz`;
  const covered = exists(
    reader
      .select({ one: sql`1` })
      .from(payment)
      .where(
        and(
          eq(payment.userId, user.id),
          sql`${payment.memberUntilAt} > ${instant}`,
          sql`${payment.memberFromAt} <= ${instant}`,
        ),
      ),
  );
  return paid ? covered : not(covered);
}

/** The e-mail addresses behind some user ids, for lists that hold only these. */
export async function readEmails(
  reader: Executor,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  if (wanted.length === 0) return new Map();
  const rows = await reader
    .select({ id: user.id, email: user.email })
    .from(user)
    .where(inArray(user.id, wanted));
  return new Map(rows.map(({ id, email }) => [id, email]));
}

interface Standing {
  readonly plan: PlanId;
  readonly available: number;
  readonly frozen: boolean;
}

const NOTHING: Standing = { plan: "free", available: 0, frozen: false };

async function readStandings(
  reader: Executor,
  ids: readonly string[],
  at: Date,
): Promise<Map<string, Standing>> {
  if (ids.length === 0) return new Map();
  const instant = sql`${at.toISOString()}::timestamptz`;
  const rows = await reader.execute<{
    id: string;
    available: string;
    frozen: boolean;
    item: string | null;
  }>(sql`
    select u.id, b.available, p.item,
      exists (select from credit_account a where a.user_id = u.id and a.frozen_at is not null) as frozen
    from unnest(${sql.param([...ids])}::text[]) u(id)
    cross join lateral credits_balance(u.id, ${instant}) b
    left join lateral (
      select item from payment
      where user_id = u.id and member_until_at > ${instant} and member_from_at <= ${instant}
      order by item = 'lifetime' desc, member_until_at desc limit 1
    ) p on true`);
  return new Map(
    rows.map((row) => [
      row.id,
      { plan: planOf(row.item), available: Number(row.available), frozen: row.frozen },
    ]),
  );
}

function planOf(item: string | null): PlanId {
  return PLAN_IDS.find((plan) => plan === item) ?? "free";
}
