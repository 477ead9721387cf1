import { and, eq, isNotNull, isNull, not, type SQL, sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { freeCreditClaim, user } from "@/db/schema";
import { grantWithheldCredits, openCreditAccount } from "@/ledger/grant";
import { suspendSchedules } from "@/ledger/schedules";
import { creditAccount } from "@/ledger/schema";
import { NotFound } from "@/lib/errors";
import type { Day } from "@/lib/local-day";
import { dayName } from "@/lib/utc-period";
import { isDisposable, networkHash, personHash } from "./claimant";
import type { FreeCreditsPolicy } from "./free-credits-policy";
import {
  decideFreeCredits,
  type FreeCreditsDecision,
  GIFTS_PER_NETWORK_AND_DAY,
  type PersonHistory,
  type WithheldReason,
} from "./free-credits-rule";

type Claim = typeof freeCreditClaim.$inferSelect;

interface Claimant {
  readonly person: { readonly id: string; readonly email: string; readonly emailVerified: boolean };
  readonly policy: FreeCreditsPolicy;
  readonly now: Date;
}

/**
 * Opens a new user's credit account with the free credits that the person has not had yet, or grants
 * what was withheld if the reason has gone. Idempotent; an account from before the claims keeps what it
 * has. The rule is in `decideFreeCredits`.
 *
 * The caller has locked the user's row. Locks the person's hash, the network's and then the account, so
 * that concurrent sign-ups of one person get one gift: make this the last statement before COMMIT.
 */
export async function provideFreeCredits(
  tx: Transaction,
  { networkAddress, ...claimant }: Claimant & { readonly networkAddress: string | null },
): Promise<void> {
  const { person, policy } = claimant;
  const known = await findClaim(tx, person.id);
  const hash = known?.personHash ?? personHash(person.email, policy.secret);
  await lockHash(tx, hash);
  // Under the lock: the person's other account may have taken the free months over.
  const claim = await findClaim(tx, person.id);
  if (claim !== null) return decideAgain(tx, claim, claimant);
  const openedAt = await findOpening(tx, person.id);
  if (openedAt !== null) {
    await tx.insert(freeCreditClaim).values(claimOfOpenAccount(claimant, openedAt));
    return;
  }
  await decideFirst(tx, claimant, { hash, network: networkHash(networkAddress, policy.secret) });
}

/** True if `provideFreeCredits` has nothing to do: the account is open and nothing withheld is due. */
export async function isProvided(reader: Executor, userId: string): Promise<boolean> {
  const [row] = await reader
    .select({
      isProvided: sql<boolean>`${creditAccount.openedAt} is not null
        and not (${hasWithheld} and (${IS_VERIFIED} and not ${freeCreditClaim.verified}
          or ${freeCreditClaim.reason} = 'returning' and ${freeCreditClaim.monthsFromAt} is null
            and not (${otherClaims(sql`bool_or(${GETS_MONTHS})`)})))`,
    })
    .from(creditAccount)
    .innerJoin(freeCreditClaim, eq(freeCreditClaim.userId, creditAccount.userId))
    .innerJoin(user, eq(user.id, creditAccount.userId))
    .where(eq(creditAccount.userId, userId));
  return row?.isProvided === true;
}

/** Free credits that a user does not have, for the pages. */
export interface WithheldCredits {
  readonly reason: WithheldReason;
  /** When the free months begin; null if that is not known. */
  readonly monthsFromAt: Date | null;
}

/** Returns what is withheld from a user, or null if the gift was granted or the free months have begun. */
export async function getWithheldCredits(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
): Promise<WithheldCredits | null> {
  const claim = await findClaim(reader, userId);
  if (claim === null || claim.reason === null) return null;
  const { reason, monthsFromAt } = claim;
  return monthsFromAt === null || monthsFromAt > at ? { reason, monthsFromAt } : null;
}

/** What limits a user's daily sign-in rewards. */
export interface DailyLimit {
  /** The free credits wait for the address to be verified, or for the end of a year after debt. */
  readonly isWithheld: boolean;
  /** The latest day that another account of the same person was rewarded for. */
  readonly takenUntil: Day | null;
}

/** Reads the limit of a user's daily sign-in rewards. */
export async function getDailyLimit(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
): Promise<DailyLimit> {
  const [row] = await reader
    .select({
      claim: freeCreditClaim,
      takenUntil: sql<string | null>`(${otherClaims(sql`max(other.last_sign_in_day)::text`)})`,
    })
    .from(freeCreditClaim)
    .innerJoin(user, eq(user.id, freeCreditClaim.userId))
    .where(eq(freeCreditClaim.userId, userId));
  if (row === undefined) return { isWithheld: false, takenUntil: null };
  const { reason, monthsFromAt } = row.claim;
  const waits = monthsFromAt === null || monthsFromAt > at;
  const isWithheld = reason !== null && reason !== "returning" && waits;
  return { isWithheld, takenUntil: row.takenUntil };
}

/** Like `getDailyLimit`. Locks the person's hash, so that two accounts are not rewarded at once. */
export async function lockDailyLimit(
  tx: Transaction,
  options: { userId: string; at: Date },
): Promise<DailyLimit> {
  const claim = await findClaim(tx, options.userId);
  if (claim !== null) await lockHash(tx, claim.personHash);
  return getDailyLimit(tx, options);
}

/** Records the day of a daily sign-in reward. */
export async function recordRewardedDay(
  tx: Transaction,
  { userId, day }: { userId: string; day: Day },
): Promise<void> {
  await tx
    .update(freeCreditClaim)
    .set({ lastSignInDay: day })
    .where(eq(freeCreditClaim.userId, userId));
}

/**
 * Recognises an account without free credits by its new address, which may have had them before. An
 * account that got some stays recognised by the address that it got them with; `wasVerified` says whether
 * that one was verified. The caller has locked the user's row.
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
  await tx
    .update(freeCreditClaim)
    .set({ personHash: personHash(email, policy.secret) })
    .where(and(ofUser, hasNothing));
  await tx
    .update(freeCreditClaim)
    .set({ verified: wasVerified, addressChangedAt: now })
    .where(and(ofUser, isFirst, not(hasNothing)));
}

/**
 * Marks the claim of an account that is being deleted. It stays as long as `pruneClaims` says, so that
 * the person is recognised. The debt stays in the deleted account's ledger.
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

/**
 * Grants an account everything that is withheld from it. Returns false if nothing is. The caller has
 * locked the user's row. Locks the account: make this the last statement before COMMIT.
 * @throws NotFound if the account is deleted or has no claim
 */
export async function releaseWithheldCredits(
  tx: Transaction,
  { userId, adminId, now }: { userId: string; adminId: string; now: Date },
): Promise<boolean> {
  const claim = await findClaim(tx, userId);
  if (claim === null || claim.deletedAt !== null) throw new NotFound("claim");
  await lockHash(tx, claim.personHash);
  const all = { withGift: true, monthsFromAt: now, reason: claim.reason };
  return grantMissing(tx, claim, { decision: all, releasedBy: adminId, now });
}

async function decideFirst(
  tx: Transaction,
  { person, policy, now }: Claimant,
  { hash, network }: { hash: string; network: string | null },
): Promise<void> {
  const day = dayName(now);
  const { emailVerified: isVerified } = person;
  const decision = decideFreeCredits({
    history: await readHistory(tx, { userId: person.id, hash, isVerified }),
    isVerified,
    isDisposable: await isDisposable(person.email, policy),
    isOverBudget: network !== null && (await isOverBudget(tx, network, day)),
    now,
  });
  const { withGift, monthsFromAt, reason } = decision;
  await tx.insert(freeCreditClaim).values({
    userId: person.id,
    personHash: hash,
    networkHash: network,
    day,
    claimedAt: now,
    reason,
    giftAt: withGift ? now : null,
    monthsFromAt,
    verified: isVerified,
  });
  if (isVerified && monthsFromAt !== null) await takeMonthsOver(tx, { person, hash, now });
  await openCreditAccount(tx, { userId: person.id, withGift, monthsFromAt, now });
}

/** Decides again about an account from which something is withheld. */
async function decideAgain(tx: Transaction, claim: Claim, claimant: Claimant): Promise<void> {
  const { person, now } = claimant;
  if (await isProvided(tx, person.id)) return;
  const { personHash: hash } = claim;
  const isVerified = claim.addressChangedAt === null ? person.emailVerified : claim.verified;
  const decision = decideFreeCredits({
    history: await readHistory(tx, { userId: person.id, hash, isVerified }),
    isVerified,
    isDisposable: claim.reason === "disposable",
    isOverBudget: claim.reason === "network",
    now,
  });
  if (isVerified && decision.monthsFromAt !== null) {
    await takeMonthsOver(tx, { person, hash, now });
  }
  await tx
    .update(freeCreditClaim)
    .set({ verified: isVerified, reason: decision.reason ?? claim.reason })
    .where(eq(freeCreditClaim.userId, person.id));
  await grantMissing(tx, claim, { decision, releasedBy: null, now });
}

/** Grants what the decision allows and the claim lacks. Returns whether it lacked anything. */
async function grantMissing(
  tx: Transaction,
  claim: Claim,
  {
    decision,
    releasedBy,
    now,
  }: { decision: FreeCreditsDecision; releasedBy: string | null; now: Date },
): Promise<boolean> {
  const { userId } = claim;
  const withGift = decision.withGift && claim.giftAt === null;
  const { monthsFromAt } = decision;
  const isEarlier =
    monthsFromAt !== null && (claim.monthsFromAt === null || monthsFromAt < claim.monthsFromAt);
  const isDue = isEarlier && !(claim.monthsFromAt !== null && claim.monthsFromAt <= now);
  if (!withGift && !isDue) return false;
  await tx
    .update(freeCreditClaim)
    .set({
      ...(withGift && { giftAt: now }),
      ...(isDue && { monthsFromAt }),
      releasedAt: now,
      releasedBy,
    })
    .where(eq(freeCreditClaim.userId, userId));
  const months = isDue ? monthsFromAt : null;
  await grantWithheldCredits(tx, { userId, withGift, monthsFromAt: months, now });
  return true;
}

/** Returns the claim of an account that was opened before the claims: it has everything. */
export function claimOfOpenAccount(
  { person, policy }: Omit<Claimant, "now">,
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
 * Withholds further free months from the unverified accounts of a person whose verified account gets
 * them from now on. Locks their accounts under the person's hash.
 */
async function takeMonthsOver(
  tx: Transaction,
  { person, hash, now }: { person: { id: string }; hash: string; now: Date },
): Promise<void> {
  const others = await tx
    .select({ userId: freeCreditClaim.userId })
    .from(freeCreditClaim)
    .innerJoin(user, eq(user.id, freeCreditClaim.userId))
    .where(
      and(
        eq(freeCreditClaim.personHash, hash),
        sql`${freeCreditClaim.userId} <> ${person.id}`,
        isNull(freeCreditClaim.deletedAt),
        isNotNull(freeCreditClaim.monthsFromAt),
        not(IS_VERIFIED),
      ),
    );
  for (const { userId } of others) {
    await tx
      .update(freeCreditClaim)
      .set({ monthsFromAt: null, reason: "returning" })
      .where(eq(freeCreditClaim.userId, userId));
    await suspendSchedules(tx, { userId, source: "signup", now });
  }
}

async function readHistory(
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

const hasWithheld = sql`(${freeCreditClaim.giftAt} is null or ${freeCreditClaim.monthsFromAt} is null)`;
/** The address by which the account is recognised is verified. */
const IS_VERIFIED = sql`(${freeCreditClaim.verified}
  or ${user.emailVerified} and ${freeCreditClaim.addressChangedAt} is null)`;
const GETS_MONTHS = sql.raw("other.deleted_at is null and other.months_from_at is not null");

/** Aggregates the claims of the person's other accounts that count. */
function otherClaims(aggregate: SQL): SQL {
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

/** Counts the gifts under the network's lock, which the transaction keeps. */
async function isOverBudget(tx: Transaction, network: string, day: Day): Promise<boolean> {
  await lockHash(tx, network);
  const { networkHash: hash, giftAt, day: onDay } = freeCreditClaim;
  const gifts = and(eq(hash, network), eq(onDay, day), isNotNull(giftAt));
  return (await tx.$count(freeCreditClaim, gifts)) >= GIFTS_PER_NETWORK_AND_DAY;
}

async function lockHash(tx: Transaction, hash: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`);
}

async function findClaim(reader: Executor, userId: string): Promise<Claim | null> {
  const [claim] = await reader
    .select()
    .from(freeCreditClaim)
    .where(eq(freeCreditClaim.userId, userId));
  return claim ?? null;
}

async function findOpening(reader: Executor, userId: string): Promise<Date | null> {
  const [account] = await reader
    .select({ openedAt: creditAccount.openedAt })
    .from(creditAccount)
    .where(eq(creditAccount.userId, userId));
  return account?.openedAt ?? null;
}
