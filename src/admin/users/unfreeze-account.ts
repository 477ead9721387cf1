import type { z } from "zod";
import type { Database, Transaction } from "@/db/client";
import { unfreezeAccount } from "@/ledger/reconcile";
import { NotFound } from "@/lib/errors";
import { recordAudit } from "../audit";
import type { unfreezeInput } from "../input";
import { retrySerialization } from "../retry-serialization";
import { findUser } from "./user";

type Unfreeze = z.output<typeof unfreezeInput> & { readonly actorId: string; readonly now: Date };

/**
 * Lets a frozen account spend again after an admin has looked at its books, and writes down who and
 * why. An account that is not frozen stays as it is, without a record. The same form (`id`) acts once,
 * also when the account was frozen again since.
 *
 * Repeatable read makes what is written down exact: if the account is written between reading and
 * thawing it, Postgres refuses and the transaction is done anew. The account is locked last of all.
 * @throws NotFound, IdempotencyConflict
 */
export async function unfreezeUserAccount(db: Database, unfreeze: Unfreeze): Promise<void> {
  await retrySerialization(() =>
    db.transaction((tx) => unfreezeOnce(tx, unfreeze), { isolationLevel: "repeatable read" }),
  );
}

async function unfreezeOnce(
  tx: Transaction,
  { id, userId, reason, actorId, now }: Unfreeze,
): Promise<void> {
  const found = await findUser(tx, userId);
  if (found === undefined) throw new NotFound("user");
  if (found.frozenAt === null) return;
  const isNew = await recordAudit(tx, {
    ...{ id, actorId, action: "account.unfreeze", targetUserId: userId, reason, now },
    before: { frozenAt: found.frozenAt.toISOString(), frozenReason: found.frozenReason },
    after: { frozenAt: null },
  });
  if (isNew) await unfreezeAccount(tx, { userId, now });
}
