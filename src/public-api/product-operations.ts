import { createHash } from "node:crypto";
import { z } from "zod";
import { HoldClosed, HoldLapsed } from "@/ledger/errors";
import { readSpendLimits } from "@/ledger/limits";
import { InvalidInput } from "@/lib/errors";
import { LOCALES } from "@/lib/locales";
import type { ProductOperation } from "@/product/api";
import { productApi } from "@/product/current-api";
import { InvalidRequest } from "./errors";
import * as examples from "./examples";
import type { Call, Operation, WriteCall } from "./operation";
import { DEBIT_PROBLEMS } from "./problems";
import { limitOf } from "./reads";
import { userId, written } from "./schemas";

const locale = z
  .enum(LOCALES)
  .optional()
  .meta({ description: "The language of the response. Default: as `Accept-Language` prefers." });

/** The fields that the site adds to the input of every operation of the product. */
const siteFields = { user: userId.optional(), locale };

interface SiteInput {
  readonly user?: string | undefined;
  readonly locale?: z.output<typeof locale>;
}

/** The operations of the product by path below `/api/v1` and method. */
export const PRODUCT_OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> =
  Object.fromEntries(
    Object.entries(productApi).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, described]) => [method, toOperation(described)]),
      ),
    ]),
  );

function toOperation(described: ProductOperation): Operation {
  const { operationId, summary, description, tag, example, problems = [], result } = described;
  const { id = "Result" } = result.meta() ?? {};
  const shared = {
    operationId,
    summary,
    description,
    tag,
    problems,
    input: described.input.extend(siteFields),
  };
  const read = {
    result: z.object({ user: z.string(), ...result.shape }).meta({ id }),
    example: { result: { user: examples.written.user, ...example.result } },
  };
  switch (described.kind) {
    case "list":
      return {
        ...shared,
        ...read,
        kind: "query",
        scope: "read",
        run: (call, sent) => runProduct(call, sent, (product, own) => described.run(product, own)),
      };
    case "item":
      return {
        ...shared,
        ...read,
        kind: "item",
        scope: "read",
        run: (call, sent) =>
          runProduct(call, sent, (product) => described.run({ ...product, id: call.id })),
      };
    case "charge":
      return {
        ...shared,
        kind: "write",
        scope: "spend",
        result: z.object({ ...written, ...result.shape }).meta({ id: `Created${id}` }),
        example: { ...example, result: { ...examples.written, ...example.result } },
        problems: [...DEBIT_PROBLEMS, new HoldClosed("released"), new HoldLapsed(), ...problems],
        run: (call, sent) => runCharged(call, sent, described),
      };
  }
}

async function runProduct<Result extends object>(
  call: Call,
  { user: _, locale: named, ...own }: SiteInput,
  run: (
    product: Pick<Call, "db" | "userId" | "now" | "locale">,
    input: Record<string, unknown>,
  ) => Promise<Result>,
): Promise<Result & { user: string }> {
  const { db, userId: user, now } = call;
  try {
    const result = await run({ db, userId: user, now, locale: named ?? call.locale }, own);
    return { user, ...result };
  } catch (error) {
    throw error instanceof InvalidInput ? invalidRequestOf(error) : error;
  }
}

async function runCharged(
  call: WriteCall,
  sent: SiteInput,
  charged: Extract<ProductOperation, { kind: "charge" }>,
) {
  const { db, caller, clock, key, userId: user } = call;
  const { serviceId } = caller;
  return runProduct(call, sent, async (product, own) => {
    const id = resultIdOf({ serviceId, user, key });
    const { result, created } = await charged.run({ ...product, serviceId, id, clock }, own);
    const [limit] = await readSpendLimits(db, { userId: user, serviceId, now: clock() });
    return { key, replayed: !created, limit: limitOf(limit), ...result };
  });
}

/** A UUID (version 8) that is the same for the same user and key of a service. */
function resultIdOf(named: { serviceId: string; user: string; key: string }): string {
  const { serviceId, user, key } = named;
  const bytes = createHash("sha256").update([serviceId, user, key].join("\n")).digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

function invalidRequestOf({ message, details }: InvalidInput): InvalidRequest {
  const { field } = details;
  return typeof field === "string"
    ? new InvalidRequest(`\`${field}\`: ${message}`, { field })
    : new InvalidRequest(message);
}
