import { db } from "@/db";
import { env } from "@/env";
import { SpendBatcher } from "@/ledger/spend-batcher";
import { machineNow, now } from "@/lib/clock";
import { type Operation, serve } from "@/public-api/operation";
import { RequestLimiter } from "@/public-api/request-limiter";
import { clientAddress } from "@/rate-limit/limit-action";

const holder: typeof globalThis & { qiflowSpends?: SpendBatcher; qiflowRequests?: RequestLimiter } =
  globalThis;
holder.qiflowSpends ??= new SpendBatcher(db);
holder.qiflowRequests ??= new RequestLimiter();
const { qiflowSpends: spends, qiflowRequests: requests } = holder;

/** Serves one operation of the API with the application's database, secret and clock. */
export function handle<Schema extends Operation["input"]>(
  operation: Operation<Schema>,
  request: Request,
  target?: string,
): Promise<Response> {
  return serve(operation, request, {
    target,
    environment: {
      db,
      spends,
      requests,
      secret: env.BETTER_AUTH_SECRET,
      network: clientAddress(request.headers),
      clock: now,
      machineNow: machineNow(),
    },
  });
}
