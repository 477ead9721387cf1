import {
  AccountBusy,
  HoldClosed,
  HoldLapsed,
  HoldNotFound,
  OutcomeUnknown,
  RefundExceedsSpend,
  TooManySpends,
  TransactionNotFound,
} from "@/ledger/errors";
import { OverrunRefused } from "./errors";
import * as examples from "./examples";
import type { Operation } from "./operation";
import { DEBIT_PROBLEMS } from "./problems";
import { PRODUCT_OPERATIONS } from "./product-operations";
import { checkSpend, listTransactions, readBalance, readUsage } from "./reads";
import * as schemas from "./schemas";
import { capture, extend, hold, refund, release, spend } from "./writes";

/** Infers the types of one operation. */
const operation = <Schema extends Operation["input"]>(described: Operation<Schema>) => described;

/** The operations of the API. docs/api.md and the OpenAPI document list them. */
export const getBalance = operation({
  kind: "query",
  operationId: "getBalance",
  summary: "Read a balance",
  description: "The balance now, or as of any instant. Lists the open lots on request.",
  tag: "Credits",
  scope: "read",
  input: schemas.balanceQuery,
  result: schemas.balance,
  example: examples.balance,
  run: readBalance,
});

export const getUsage = operation({
  kind: "query",
  operationId: "getUsage",
  summary: "Read usage",
  description: "What was spent and refunded by day (UTC), feature and service.",
  tag: "Reports",
  scope: "read",
  input: schemas.usageQuery,
  result: schemas.usage,
  example: examples.usage,
  run: readUsage,
});

export const getTransactions = operation({
  kind: "query",
  operationId: "listTransactions",
  summary: "List transactions",
  description: "The ledger, newest first. The next page is `before=<next_before>`.",
  tag: "Reports",
  scope: "read",
  input: schemas.transactionsQuery,
  result: schemas.transactions,
  example: examples.transactions,
  run: listTransactions,
});

export const postCheck = operation({
  kind: "check",
  operationId: "checkSpend",
  summary: "Check a spend",
  description: "Whether a spend would succeed now, and why not. Only a hold reserves the credits.",
  tag: "Credits",
  scope: "read",
  input: schemas.checkBody,
  result: schemas.check,
  example: examples.check,
  run: checkSpend,
});

export const postSpend = operation({
  kind: "write",
  operationId: "createSpend",
  summary: "Spend credits",
  description: "Spends `amount` credits, or the cost of `feature`.",
  tag: "Credits",
  scope: "spend",
  input: schemas.spendBody,
  result: schemas.booking,
  example: examples.spend,
  problems: [...DEBIT_PROBLEMS, new AccountBusy(), new TooManySpends(), new OutcomeUnknown(null)],
  run: spend,
});

export const postSpendBatch = operation({
  kind: "batch",
  operationId: "createSpends",
  summary: "Spend in a batch",
  description:
    "Up to 256 spends, of any users, in one request: the way to charge thousands of times a second. Each has its own key and its own result, and one that is refused does not stop the others. The spends of one user are booked in the order of the list.",
  tag: "Credits",
  scope: "spend",
  input: schemas.spendBatchBody,
  result: schemas.spendBatch,
  example: examples.spendBatch,
  run: spend,
});

export const postHold = operation({
  kind: "write",
  operationId: "createHold",
  summary: "Hold credits",
  description:
    "Reserves credits for work in progress. A hold that is neither captured nor released lapses.",
  tag: "Holds",
  scope: "spend",
  input: schemas.holdBody,
  result: schemas.hold,
  example: examples.hold,
  problems: DEBIT_PROBLEMS,
  run: hold,
});

export const postExtend = operation({
  kind: "keyed-write",
  operationId: "extendHold",
  summary: "Extend a hold",
  description:
    "Extends a hold of your service in time, in credits or both, while work is in progress.",
  tag: "Holds",
  scope: "spend",
  input: schemas.extendBody,
  result: schemas.extension,
  example: examples.extension,
  problems: [...DEBIT_PROBLEMS, new HoldNotFound(), new HoldClosed("captured"), new HoldLapsed()],
  run: extend,
});

export const postCapture = operation({
  kind: "keyed-write",
  operationId: "captureHold",
  summary: "Capture a hold",
  description:
    "Spends a hold of your service, or `amount` credits, or the price of the `units` used, and releases the rest. A capture above the hold, or after its lapse, is charged by the overrun policy of its feature.",
  tag: "Holds",
  scope: "spend",
  input: schemas.captureBody,
  result: schemas.capture,
  example: examples.capture,
  problems: [
    new HoldNotFound(),
    new HoldClosed("released"),
    new OverrunRefused({ required: 25, charged: 20, unbilled: 5, reason: "overrun_policy" }),
  ],
  run: capture,
});

export const postRelease = operation({
  kind: "keyed-write",
  operationId: "releaseHold",
  summary: "Release a hold",
  description: "Returns the credits of a hold of your service. A lapsed hold releases nothing.",
  tag: "Holds",
  scope: "spend",
  input: schemas.releaseBody,
  result: schemas.release,
  example: examples.release,
  problems: [new HoldNotFound(), new HoldClosed("captured")],
  run: release,
});

export const postRefund = operation({
  kind: "keyed-write",
  operationId: "refundSpend",
  summary: "Refund a spend",
  description:
    "Refunds a spend or a captured hold of your service, named by the `Idempotency-Key` that booked it.",
  tag: "Credits",
  scope: "refund",
  input: schemas.refundBody,
  result: schemas.booking,
  example: examples.refund,
  problems: [
    new TransactionNotFound("This key has booked no spend."),
    new RefundExceedsSpend({ amount: 6, refundable: 5 }),
  ],
  run: refund,
});

/** By path below `/api/v1` and method. */
export const OPERATIONS = {
  "/balance": { get: getBalance },
  "/check": { post: postCheck },
  "/spends": { post: postSpend },
  "/spends/batch": { post: postSpendBatch },
  "/spends/{key}/refunds": { post: postRefund },
  "/holds": { post: postHold },
  "/holds/{key}/extend": { post: postExtend },
  "/holds/{key}/capture": { post: postCapture },
  "/holds/{key}/release": { post: postRelease },
  "/usage": { get: getUsage },
  "/transactions": { get: getTransactions },
  ...PRODUCT_OPERATIONS,
} as const;

type Methods = Readonly<Partial<Record<"get" | "post", Operation>>>;

const PATHS = Object.entries(OPERATIONS).map(([path, methods]) => ({
  parts: path.slice(1).split("/"),
  methods: methods as unknown as Methods,
}));

/** The operations at a path below `/api/v1`, with its `{key}` or `{id}`. Null for an unknown path. */
export function findOperations(
  segments: readonly string[],
): { methods: Methods; target: string | undefined } | null {
  for (const { parts, methods } of PATHS) {
    if (parts.length !== segments.length) continue;
    const nth = parts.findIndex((part) => part.startsWith("{"));
    if (!parts.every((part, index) => index === nth || part === segments[index])) continue;
    return { methods, target: segments[nth] };
  }
  return null;
}
