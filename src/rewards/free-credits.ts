import { and, eq, isNotNull, isNull, not, sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { freeCreditClaim, user } from "@/db/schema";
import { grantWithheldCredits, openCreditAccount } from "@/ledger/grant";
import { suspendSchedules } from "@/ledger/schedules";
import { creditAccount } from "@/ledger/schema";
import { NotFound } from "@/lib/errors";
import type { Day } from "@/lib/local-day";
import { dayName } from "@/lib/utc-period";
import { isDisposable, networkHash, personHash } from "./claimant";
import {
  type Claim,
  claimOfOpenAccount,
  findClaim,
  GETS_MONTHS,
  IS_VERIFIED,
  lockClaim,
  lockHash,
  otherClaims,
  readHistory,
} from "./claims";
import type { FreeCreditsPolicy } from "./free-credits-policy";
import {
  decideFreeCredits,
  type FreeCreditsDecision,
  GIFTS_PER_NETWORK_AND_DAY,
  type WithheldReason,
} from "./free-credits-rule";

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
  const claim = await lockClaim(tx, person.id);
  if (claim !== null) return decideAgain(tx, claim, claimant);
  const hash = personHash(person.email, policy.secret);
  await lockHash(tx, hash);
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

/**
 * Grants an account everything that is withheld from it. Returns false if nothing is. The caller has
 * locked the user's row. Locks the account: make this the last statement before COMMIT.
 * @throws NotFound if the account is deleted or has no claim
 */
export async function releaseWithheldCredits(
  tx: Transaction,
  { userId, adminId, now }: { userId: string; adminId: string; now: Date },
): Promise<boolean> {
  const claim = await lockClaim(tx, userId);
  if (claim === null || claim.deletedAt !== null) throw new NotFound("claim");
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

const hasWithheld = sql`(${freeCreditClaim.giftAt} is null or ${freeCreditClaim.monthsFromAt} is null)`;
/** Counts the gifts under the network's lock, which the transaction keeps. */
async function isOverBudget(tx: Transaction, network: string, day: Day): Promise<boolean> {
  await lockHash(tx, network);
  const { networkHash: hash, giftAt, day: onDay } = freeCreditClaim;
  const gifts = and(eq(hash, network), eq(onDay, day), isNotNull(giftAt));
  return (await tx.$count(freeCreditClaim, gifts)) >= GIFTS_PER_NETWORK_AND_DAY;
}

async function findOpening(reader: Executor, userId: string): Promise<Date | null> {
  const [account] = await reader
    .select({ openedAt: creditAccount.openedAt })
    .from(creditAccount)
    .where(eq(creditAccount.userId, userId));
  return account?.openedAt ?? null;
}
