import { and, eq, isNull, not, type SQL, sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { freeCreditClaim, user } from "@/db/schema";
import { dayName } from "@/lib/utc-period";
import { personHash } from "./claimant";
import type { FreeCreditsPolicy } from "./free-credits-policy";
import type { PersonHistory } from "./free-credits-rule";

/*
 * The claims: one row for each account, which outlives it, with a keyed hash that recognizes its owner.
 */

export type Claim = typeof freeCreditClaim.$inferSelect;

/** Returns the claim of an account; null if it was opened before the claims or not at all. */
export async function findClaim(reader: Executor, userId: string): Promise<Claim | null> {
  const [claim] = await reader
    .select()
    .from(freeCreditClaim)
    .where(eq(freeCreditClaim.userId, userId));
  return claim ?? null;
}

/**
 * Locks the person whose claim it is and returns the claim as it is then: the person's other account may
 * have taken the free months over.
 */
export async function lockClaim(tx: Transaction, userId: string): Promise<Claim | null> {
  const claim = await findClaim(tx, userId);
  if (claim === null) return null;
  await lockHash(tx, claim.personHash);
  return findClaim(tx, userId);
}

/** Locks a person or a network by its hash until COMMIT. */
export async function lockHash(tx: Transaction, hash: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`);
}

/** Returns the claim of an account that was opened before the claims: it has everything. */
export function claimOfOpenAccount(
  {
    person,
    policy,
  }: {
    person: { readonly id: string; readonly email: string; readonly emailVerified: boolean };
    policy: FreeCreditsPolicy;
  },
  openedAt: Date,
): typeof freeCreditClaim.$inferInsert {
  return {
    userId: person.id,
    personHash: personHash(person.email, policy.secret),
    day: dayName(openedAt),
    claimedAt: openedAt,
    giftAt: openedAt,
    monthsFromAt: openedAt,
    verified: person.emailVerified,
  };
}

/**
 * Recognises an account by its new address, which is verified:
 * - an account without free credits, which the new address may have had before;
 * - an account that got some with an address that it never verified, if the new one has had none. The
 *   former may belong to someone else, whose sign-up must not end the account's free months.
 *
 * Any other account stays recognized by the address that it got the credits with; `wasVerified` says
 * whether that one was verified. The caller has locked the user's row. Locks both addresses.
 */
export async function moveClaim(
  tx: Transaction,
  {
    userId,
    email,
    wasVerified,
    policy,
    now,
  }: { userId: string; email: string; wasVerified: boolean; policy: FreeCreditsPolicy; now: Date },
): Promise<void> {
  const isFirst = isNull(freeCreditClaim.addressChangedAt);
  const ofUser = eq(freeCreditClaim.userId, userId);
  const hasNothing = sql`(${freeCreditClaim.giftAt} is null and ${freeCreditClaim.monthsFromAt} is null)`;
  const hash = personHash(email, policy.secret);
  const claim = await findClaim(tx, userId);
  if (claim === null) return;
  for (const either of [claim.personHash, hash].toSorted()) await lockHash(tx, either);
  const hasSome = claim.giftAt !== null || claim.monthsFromAt !== null;
  const isFirstProof = !wasVerified && !claim.verified && claim.addressChangedAt === null;
  if (hasSome && isFirstProof && (await isUnused(tx, { userId, hash }))) {
    await tx.update(freeCreditClaim).set({ personHash: hash, verified: true }).where(ofUser);
    return;
  }
  await tx.update(freeCreditClaim).set({ personHash: hash }).where(and(ofUser, hasNothing));
  await tx
    .update(freeCreditClaim)
    .set({ verified: wasVerified, addressChangedAt: now })
    .where(and(ofUser, isFirst, not(hasNothing)));
}

/** True if the person has had no free credits on another account and gets none there. */
async function isUnused(
  reader: Executor,
  person: { userId: string; hash: string },
): Promise<boolean> {
  const proven = await readHistory(reader, { ...person, isVerified: true });
  const hadSome = proven.hadGift || proven.deletedInDebtAt !== null || proven.nextMonthAt !== null;
  return !hadSome && !(await readHistory(reader, { ...person, isVerified: false })).getsMonths;
}

/**
 * Marks the claim of an account that is being deleted. It stays as long as `pruneClaims` says, so that
 * the person is recognized. The debt stays in the deleted account's ledger.
 */
export async function closeClaim(
  tx: Transaction,
  { userId, isVerified, now }: { userId: string; isVerified: boolean; now: Date },
): Promise<void> {
  await tx
    .update(freeCreditClaim)
    .set({
      deletedAt: now,
      verified: sql`case when ${freeCreditClaim.addressChangedAt} is null then ${isVerified}::boolean
        else ${freeCreditClaim.verified} end`,
    })
    .where(eq(freeCreditClaim.userId, userId));
}

/** Returns what the person's other accounts got. */
export async function readHistory(
  reader: Executor,
  { userId, hash, isVerified }: { userId: string; hash: string; isVerified: boolean },
): Promise<PersonHistory> {
  const [row] = await reader.execute<{
    had_gift: boolean | null;
    gets_months: boolean | null;
    next_month_at: string | null;
    deleted_in_debt_at: string | null;
  }>(sql`
    select bool_or(other.gift_at is not null) as had_gift, bool_or(${GETS_MONTHS}) as gets_months,
      max(credits_add_months(s.anchor_at, s.next_n))
        filter (where other.deleted_at is not null and other.months_from_at is not null) as next_month_at,
      max(other.deleted_at) filter (where a.debt > 0) as deleted_in_debt_at
    from free_credit_claim other
    left join "user" owner on owner.id = other.user_id
    left join credit_schedule s on s.user_id = other.user_id and s.id = 'signup'
    left join credit_account a on a.user_id = other.user_id
    where other.person_hash = ${hash} and other.user_id <> ${userId}
      and ${countsFor(sql`${isVerified}::boolean`)}`);
  return {
    hadGift: row?.had_gift === true,
    getsMonths: row?.gets_months === true,
    nextMonthAt: row?.next_month_at ? new Date(row.next_month_at) : null,
    deletedInDebtAt: row?.deleted_in_debt_at ? new Date(row.deleted_in_debt_at) : null,
  };
}

/** The address by which the account is recognized is verified. */
export const IS_VERIFIED = sql`(${freeCreditClaim.verified}
  or ${user.emailVerified} and ${freeCreditClaim.addressChangedAt} is null)`;
/** Another account that exists gets the free months. */
export const GETS_MONTHS = sql.raw("other.deleted_at is null and other.months_from_at is not null");

/** Aggregates the claims of the person's other accounts that count. */
export function otherClaims(aggregate: SQL): SQL {
  return sql`select ${aggregate} from free_credit_claim other
    left join "user" owner on owner.id = other.user_id
    where other.person_hash = ${freeCreditClaim.personHash} and other.user_id <> ${freeCreditClaim.userId}
      and ${countsFor(IS_VERIFIED)}`;
}

/** An account that never verified its address does not count for one that has: a stranger may own it. */
function countsFor(isVerified: SQL): SQL {
  return sql`(not ${isVerified} or other.verified
    or owner.email_verified and other.address_changed_at is null)`;
}
