import { and, eq, exists, ilike, isNotNull, not, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { z } from "zod";
import { catalog } from "@/catalog/catalog";
import type { Executor } from "@/db/client";
import { payment, user } from "@/db/schema";
import { creditAccount } from "@/ledger/schema";
import { keysetPage, type Page, toPage } from "../lists/keyset";
import { pageFields, searchText } from "../lists/query-fields";

export const ROLE_FILTERS = ["any", "user", "admin"] as const;
export const STATE_FILTERS = ["any", "banned", "frozen", "deleted"] as const;
export const PAID_FILTERS = ["any", "paid", "free"] as const;

export const usersQuery = z.object({
  q: searchText,
  role: z.enum(ROLE_FILTERS).catch("any"),
  state: z.enum(STATE_FILTERS).catch("any"),
  paid: z.enum(PAID_FILTERS).catch("any"),
  ...pageFields,
});
export type UsersFilter = z.output<typeof usersQuery>;

export interface ListedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly banned: boolean;
  readonly deletedAt: Date | null;
  readonly createdAt: Date;
  readonly cursorAt: string;
  /** The item of the plan at `at`: paid, in a trial or waiting for its payment; or the free plan's id. */
  readonly plan: string;
  /** Spendable credits at `at`. */
  readonly available: number;
  readonly debt: number;
  readonly frozen: boolean;
}

/**
 * One page of users. `q` matches part of an email or name, a whole user id or a Stripe customer. Plan
 * and balance are as of `at` and read for the rows of the page only.
 */
export async function listUsers(
  reader: Executor,
  { filter, at }: { filter: UsersFilter; at: Date },
): Promise<Page<ListedUser>> {
  const order = { at: user.createdAt, id: user.id, ids: "desc" } as const;
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(order, filter);
  const { id, name, email, role, banned, deletedAt, createdAt } = user;
  const rows = await reader
    .select({ id, name, email, role, banned, deletedAt, createdAt, cursorAt })
    .from(user)
    .where(and(pastCursor, ...conditions(reader, { filter, at })))
    .orderBy(...orderBy)
    .limit(limit);
  const page = toPage(rows, filter);
  const userIds = page.rows.map((row) => row.id);
  const accounts = await readAccounts(reader, { userIds, at });
  return {
    ...page,
    rows: page.rows.map((row) => ({ ...row, ...(accounts.get(row.id) ?? NO_ACCOUNT) })),
  };
}

function conditions(
  reader: Executor,
  { filter, at }: { filter: UsersFilter; at: Date },
): (SQL | undefined)[] {
  return [
    filter.q === "" ? undefined : matches(filter.q),
    filter.role === "any" ? undefined : eq(user.role, filter.role),
    stateIs(reader, filter.state),
    filter.paid === "any" ? undefined : isPaid(reader, { paid: filter.paid === "paid", at }),
  ];
}

/**
 * Uses an index for each kind of term: trigrams for three ASCII characters or more, the array of a
 * name's characters for non-ASCII text, which has no trigrams in the C locale, a prefix for the rest.
 * Terms are literals, because the best plan depends on the term: decision 0031.
 */
function matches(term: string): SQL | undefined {
  const whole = [eq(user.id, term), eq(user.stripeCustomerId, term)];
  const part = literal(`%${term.replace(/[\\%_]/g, "\\$&")}%`);
  if (/[a-z\d]{3}/i.test(term))
    return or(ilike(user.email, part), ilike(user.name, part), ...whole);
  if (/[^\0-\x7f]/.test(term)) {
    const characters = sql.join([...new Set(term)].map(literal), sql`, `);
    const hasAll = sql`string_to_array(${user.name}, null) @> array[${characters}]`;
    return or(and(hasAll, ilike(user.name, part)), ...whole);
  }
  return or(startsWith(user.email, term), startsWith(user.name, term), ...whole);
}

/** Writes a text into the statement as code points, which makes SQL injection impossible. */
function literal(text: string): SQL {
  const points = Array.from(
    text.replace(/\p{Surrogate}/gu, "\ufffd"),
    (c) => c.codePointAt(0) ?? 0,
  );
  return sql.raw(`(${points.map((point) => `chr(${point})`).join(" || ")})`);
}

/** As a range of bytes, which the index supports in every plan. */
function startsWith(column: PgColumn, term: string): SQL {
  const start = term.toLowerCase();
  return sql`lower(${column}) ~>=~ ${start} and lower(${column}) ~<~ ${`${start}\u{10ffff}`}`;
}

function stateIs(reader: Executor, state: UsersFilter["state"]): SQL | undefined {
  if (state === "any") return undefined;
  if (state === "deleted") return isNotNull(user.deletedAt);
  // Literal, so that it matches the condition of the partial index.
  if (state === "banned") return sql`${user.banned}`;
  return exists(
    reader
      .select({ one: sql`1` })
      .from(creditAccount)
      .where(and(eq(creditAccount.userId, user.id), isNotNull(creditAccount.frozenAt))),
  );
}

/** The rule of `credits_paid_member_at` as a filter. */
function isPaid(reader: Executor, { paid, at }: { paid: boolean; at: Date }): SQL {
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

interface AccountState {
  readonly plan: string;
  readonly available: number;
  readonly debt: number;
  readonly frozen: boolean;
}

const NO_ACCOUNT: AccountState = {
  plan: catalog.freePlan.id,
  available: 0,
  debt: 0,
  frozen: false,
};

async function readAccounts(
  reader: Executor,
  { userIds, at }: { userIds: readonly string[]; at: Date },
): Promise<Map<string, AccountState>> {
  if (userIds.length === 0) return new Map();
  const instant = sql`${at.toISOString()}::timestamptz`;
  const rows = await reader.execute<{
    id: string;
    available: string;
    debt: string;
    frozen: boolean;
    item: string | null;
  }>(sql`
    select u.id, b.available, b.debt, coalesce(p.item, waiting.plan) as item,
      exists (select from credit_account a where a.user_id = u.id and a.frozen_at is not null) as frozen
    from unnest(${sql.param([...userIds])}::text[]) u(id)
    cross join lateral credits_balance(u.id, credits_read_instant(u.id, ${instant})) b
    left join lateral (
      select item from payment
      where user_id = u.id and member_until_at > ${instant} and member_from_at <= ${instant}
      order by member_until_at desc, member_from_at desc,
        switched_from_price_id is not null desc limit 1
    ) p on true
    left join lateral (
      select s.plan from subscription s
      where s.user_id = u.id and s.status in ('active', 'past_due', 'trialing')
        and (s.cancel_at is null or s.cancel_at > ${instant})
        and not coalesce((select is_reversed from payment
          where user_id = s.user_id and subscription_id = s.id and member_from_at is not null
            and switched_from_price_id is null
          order by member_from_at desc limit 1), false)
      order by s.created_at desc limit 1
    ) waiting on p.item is null`);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        plan: row.item ?? catalog.freePlan.id,
        available: Math.max(0, Number(row.available)),
        debt: Number(row.debt),
        frozen: row.frozen,
      },
    ]),
  );
}
