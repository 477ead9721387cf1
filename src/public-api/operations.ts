import type { Operation } from "./operation";
import { checkSpend, listTransactions, readBalance, readUsage } from "./reads";
import * as schemas from "./schemas";
import { capture, extend, hold, refund, release, spend } from "./writes";

/** Infers the types of one operation. */
const operation = <Schema extends Operation["input"]>(described: Operation<Schema>) => described;

/** The operations of the API. docs/api.md and the OpenAPI document list them. */
export const getBalance = operation({
  kind: "query",
  summary: "Read a balance, now or as of any instant",
  scope: "read",
  input: schemas.balanceQuery,
  result: schemas.balance,
  run: readBalance,
});

export const getUsage = operation({
  kind: "query",
  summary: "Read what was spent by day, feature and service",
  scope: "read",
  input: schemas.usageQuery,
  result: schemas.usage,
  run: readUsage,
});

export const getTransactions = operation({
  kind: "query",
  summary: "List the transactions, the newest first",
  scope: "read",
  input: schemas.transactionsQuery,
  result: schemas.transactions,
  run: listTransactions,
});

export const postCheck = operation({
  kind: "check",
  summary: "Ask whether a spend would succeed",
  scope: "read",
  input: schemas.checkBody,
  result: schemas.check,
  run: checkSpend,
});

export const postSpend = operation({
  kind: "write",
  summary: "Spend credits",
  scope: "spend",
  input: schemas.spendBody,
  result: schemas.booking,
  run: spend,
});

export const postHold = operation({
  kind: "write",
  summary: "Hold credits for work in progress",
  scope: "spend",
  input: schemas.holdBody,
  result: schemas.hold,
  run: hold,
});

export const postExtend = operation({
  kind: "keyed-write",
  summary: "Extend a hold, in time, in credits or both",
  scope: "spend",
  input: schemas.extendBody,
  result: schemas.extension,
  run: extend,
});

export const postCapture = operation({
  kind: "keyed-write",
  summary: "Spend a hold, or a part of it",
  scope: "spend",
  input: schemas.captureBody,
  result: schemas.booking,
  run: capture,
});

export const postRelease = operation({
  kind: "keyed-write",
  summary: "Release a hold",
  scope: "spend",
  input: schemas.releaseBody,
  result: schemas.release,
  run: release,
});

export const postRefund = operation({
  kind: "keyed-write",
  summary: "Refund a spend, or a part of it",
  scope: "refund",
  input: schemas.refundBody,
  result: schemas.booking,
  run: refund,
});

/** By path below `/api/v1` and method. */
export const OPERATIONS = {
  "/balance": { get: getBalance },
  "/check": { post: postCheck },
  "/spends": { post: postSpend },
  "/spends/{key}/refunds": { post: postRefund },
  "/holds": { post: postHold },
  "/holds/{key}/extend": { post: postExtend },
  "/holds/{key}/capture": { post: postCapture },
  "/holds/{key}/release": { post: postRelease },
  "/usage": { get: getUsage },
  "/transactions": { get: getTransactions },
} as const;
