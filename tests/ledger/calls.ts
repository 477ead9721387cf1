import type { AdjustInput, CreditModel } from "@qiflow/ledger-model";
import type { CaptureInput } from "@qiflow/ledger-model/capture";
import { ModelError } from "@qiflow/ledger-model/errors";
import type { GrantInput } from "@qiflow/ledger-model/grant";
import type { ExtendInput, HoldInput, ReleaseInput } from "@qiflow/ledger-model/hold";
import type { SpendLimits, SpendWindow } from "@qiflow/ledger-model/limits";
import type { RefundInput } from "@qiflow/ledger-model/refund";
import type { RestoreInput } from "@qiflow/ledger-model/restore";
import type { SpendInput } from "@qiflow/ledger-model/spend";
import type { MoveExpiryInput } from "@qiflow/ledger-model/trial";
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import type { TransactionResult } from "@/ledger/call-ledger";
import { adjustCredits, refundSpend, spendCredits } from "@/ledger/debit";
import { expireCredits } from "@/ledger/distribution/expire";
import { grantCredits, moveTrialExpiry } from "@/ledger/grant";
import {
  type Capture,
  captureHold,
  type Extension,
  extendHold,
  type Hold,
  holdCredits,
  type Release,
  releaseHold,
} from "@/ledger/hold";
import { setSpendLimit } from "@/ledger/limits";
import { restoreCredits, revokeCredits } from "@/ledger/reverse";
import { AppError } from "@/lib/errors";

/** One write to one user's account, for the model and the database. */
export type LedgerCall =
  | { readonly write: "grant"; readonly input: GrantInput }
  | { readonly write: "spend"; readonly input: SpendInput }
  | { readonly write: "hold"; readonly input: HoldInput }
  | { readonly write: "extend"; readonly input: ExtendInput }
  | { readonly write: "capture"; readonly input: CaptureInput }
  | { readonly write: "release"; readonly input: ReleaseInput }
  | { readonly write: "refund"; readonly input: RefundInput }
  | { readonly write: "revoke"; readonly input: SpendInput }
  | { readonly write: "restore"; readonly input: RestoreInput }
  | { readonly write: "adjust"; readonly input: AdjustInput }
  | { readonly write: "move-expiry"; readonly input: MoveExpiryInput }
  | { readonly write: "limit"; readonly input: LimitInput }
  | { readonly write: "sweep"; readonly input: { readonly now: Date } }
  | { readonly write: "freeze"; readonly input: { readonly frozen: boolean; readonly now: Date } };

/** Sets a limit of the account's user, of a service, or of a service for the user; null removes it. */
export interface LimitInput {
  readonly isOfUser: boolean;
  readonly serviceId: string | null;
  readonly window: SpendWindow;
  readonly amount: number | null;
  readonly isHard: boolean;
  readonly now: Date;
}

/** The result of a call, or the name and details of its refusal. */
export type Outcome =
  | { readonly result: unknown }
  | { readonly refusal: string; readonly details: unknown };

export function callModel(
  { model, limits, userId }: { model: CreditModel; limits: SpendLimits; userId: string },
  call: LedgerCall,
): Outcome {
  try {
    if (call.write === "limit") {
      const { isOfUser, serviceId, window, amount, isHard } = call.input;
      limits.set({ userId: isOfUser ? userId : null, serviceId }, window, amount, isHard);
      return { result: undefined };
    }
    return { result: applyToModel(model, call) };
  } catch (error) {
    return refusalOf(error);
  }
}

function applyToModel(
  model: CreditModel,
  { write, input }: Exclude<LedgerCall, { write: "limit" }>,
): unknown {
  switch (write) {
    case "grant":
      return model.grant(input);
    case "spend":
      return model.spend(input);
    case "hold":
      return model.hold(input);
    case "extend":
      return model.extend(input);
    case "capture":
      return model.capture(input);
    case "release":
      return model.release(input);
    case "refund":
      return model.refundSpend(input);
    case "revoke":
      return model.revoke(input);
    case "restore":
      return model.restore(input);
    case "adjust":
      return model.adjust(input);
    case "move-expiry":
      return model.moveExpiry(input);
    case "sweep":
      return model.sweep(input.now);
    case "freeze":
      return model.setFrozen(input.frozen);
  }
}

export async function callDatabase(
  db: Database,
  userId: string,
  call: LedgerCall,
): Promise<Outcome> {
  try {
    return { result: await applyToDatabase(db, userId, call) };
  } catch (error) {
    return refusalOf(error);
  }
}

async function applyToDatabase(db: Database, userId: string, call: LedgerCall): Promise<unknown> {
  const { write, input } = call;
  if (write === "sweep") return sweepDue(db, input.now);
  if (write === "freeze") return setFrozen(db, userId, input);
  if (write === "limit") return db.transaction((tx) => setLimit(tx, userId, input));
  if (write === "move-expiry") {
    return db.transaction((tx) => moveTrialExpiry(tx, { userId, ...input }));
  }
  return db.transaction((tx) => writeCredits(tx, userId, call));
}

/** Applies a write with the application's functions, in the caller's transaction. */
export function writeCredits(
  tx: Transaction,
  userId: string,
  { write, input }: Exclude<LedgerCall, { write: "limit" | "sweep" | "freeze" | "move-expiry" }>,
): Promise<TransactionResult | Hold | Extension | Capture | Release> {
  switch (write) {
    case "grant":
      return grantCredits(tx, { userId, ...input });
    case "spend":
      return spendCredits(tx, { userId, ...input });
    case "hold":
      return holdCredits(tx, { userId, ...input });
    case "extend":
      return extendHold(tx, { userId, ...input });
    case "capture":
      return captureHold(tx, { userId, ...input });
    case "release":
      return releaseHold(tx, { userId, ...input });
    case "refund":
      return refundSpend(tx, { userId, ...input });
    case "revoke":
      return revokeCredits(tx, { userId, ...input });
    case "restore":
      return restoreCredits(tx, { userId, ...input });
    case "adjust":
      return adjustCredits(tx, { userId, ...input });
  }
}

function setLimit(tx: Transaction, userId: string, limit: LimitInput): Promise<void> {
  const { isOfUser, serviceId, window, amount, isHard } = limit;
  const subject = isOfUser
    ? { userId, ...(serviceId !== null && { serviceId }) }
    : { serviceId: serviceId ?? "" };
  return setSpendLimit(tx, { subject, window, amount, isHard });
}

/** Runs the expiry job for all due accounts. */
async function sweepDue(db: Database, now: Date): Promise<undefined> {
  const { outcome } = await expireCredits(db, { runId: null, now, deadlineMs: Number.MAX_VALUE });
  if (outcome !== "drained") throw new Error("The expiry job did not finish.");
  return undefined;
}

async function setFrozen(
  db: Database,
  userId: string,
  { frozen, now }: { readonly frozen: boolean; readonly now: Date },
): Promise<undefined> {
  const reason = frozen ? "frozen by the test" : null;
  await db.execute(
    sql`select credits_set_frozen(${userId}, ${reason}, ${now.toISOString()}::timestamptz)`,
  );
  return undefined;
}

/** The refusal that an error of either side means; other errors are rethrown. */
export function refusalOf(error: unknown): Outcome {
  if (!(error instanceof AppError || error instanceof ModelError)) throw error;
  return { refusal: error.name, details: error.details };
}
