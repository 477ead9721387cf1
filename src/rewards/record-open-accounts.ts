import { and, asc, eq, gt, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { freeCreditClaim, user } from "@/db/schema";
import { creditAccount } from "@/ledger/schema";
import { claimOfOpenAccount } from "./claims";
import type { FreeCreditsPolicy } from "./free-credits-policy";

const BATCH_USERS = 1000;

/**
 * Records the accounts that were opened before the claims, so that their owners are recognized. Scans the
 * users by id and skips locked ones. Returns whether it finished before the deadline.
 */
export async function recordOpenAccounts(
  db: Database,
  { policy, deadlineMs }: { policy: FreeCreditsPolicy; deadlineMs: number },
): Promise<boolean> {
  let after: string | null = "";
  while (after !== null && performance.now() < deadlineMs) {
    after = await recordBatch(db, { policy, after });
  }
  return after === null;
}

/** Returns the last user recorded, or null after the last batch. */
async function recordBatch(
  db: Database,
  { policy, after }: { policy: FreeCreditsPolicy; after: string },
): Promise<string | null> {
  return db.transaction(async (tx) => {
    const people = await tx
      .select({
        id: user.id,
        email: user.email,
        emailVerified: user.emailVerified,
        openedAt: sql<Date>`${creditAccount.openedAt}`.mapWith(creditAccount.openedAt),
      })
      .from(user)
      .innerJoin(creditAccount, eq(creditAccount.userId, user.id))
      .leftJoin(freeCreditClaim, eq(freeCreditClaim.userId, user.id))
      .where(
        and(
          gt(user.id, after),
          isNull(user.deletedAt),
          isNotNull(creditAccount.openedAt),
          isNull(freeCreditClaim.userId),
        ),
      )
      .orderBy(asc(user.id))
      .limit(BATCH_USERS)
      .for("no key update", { of: user, skipLocked: true });
    const claims = people.map(({ openedAt, ...person }) =>
      claimOfOpenAccount({ person, policy }, openedAt),
    );
    if (claims.length > 0) await tx.insert(freeCreditClaim).values(claims).onConflictDoNothing();
    return people.length < BATCH_USERS ? null : (people.at(-1)?.id ?? null);
  });
}
