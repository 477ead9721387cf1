import { db } from "@/db";
import { env } from "@/env";
import { machineNow, now } from "@/lib/clock";
import { type Operation, type Shared, serve, sharedOn } from "@/public-api/operation";
import { clientAddress } from "@/rate-limit/limit-action";

// Routes are bundled apart.
const holder: typeof globalThis & { qiflowApi?: Shared } = globalThis;
holder.qiflowApi ??= sharedOn(db);
const shared = holder.qiflowApi;

/** Serves one operation of the API with the application's database, secret and clock. */
export function handle<Schema extends Operation["input"]>(
  operation: Operation<Schema>,
  request: Request,
  target?: string,
): Promise<Response> {
  return serve(operation, request, {
    target,
    environment: {
      ...shared,
      secret: env.BETTER_AUTH_SECRET,
      network: clientAddress(request.headers),
      clock: now,
      machineNow: machineNow(),
    },
  });
}
