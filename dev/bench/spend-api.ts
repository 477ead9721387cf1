import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defaultKeyHasher } from "@better-auth/api-key";
import type { Database } from "@/db/client";
import { apikey, apiService } from "@/db/schema";
import { now } from "@/lib/clock";
import { findFreePort } from "../laptop/free-port";
import { startProductionApp } from "./production-app";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const KEY = `qf_${"b".repeat(64)}`;

export interface SpendApi {
  /** Spends one credit of a user. */
  spend(call: { user: string; idempotencyKey: string }): Promise<void>;
  stop(): Promise<void>;
}

/** Serves the production build on a database, with one service key. Null if there is no build. */
export async function startSpendApi(options: {
  database: Database;
  databaseUrl: string;
}): Promise<SpendApi | null> {
  if (!existsSync(path.join(ROOT, ".next/BUILD_ID"))) {
    console.log("There is no build, so the API is left out: npm run build");
    return null;
  }
  await createKey(options.database);
  const app = await startProductionApp({
    root: ROOT,
    port: await findFreePort(3900),
    dataDirectory: await mkdtemp(path.join(tmpdir(), "qiflow-bench-app-")),
    databaseUrl: options.databaseUrl,
    // Nothing is bought, so nothing is asked there.
    stripe: {
      secretKey: "sk_test_bench",
      webhookSecret: "whsec_bench",
      apiBase: "http://127.0.0.1:9",
    },
  });
  return { stop: () => app.stop(), spend: (call) => spend(app.url, call) };
}

async function createKey(db: Database): Promise<void> {
  const id = "svc_bench";
  const at = now();
  await db.insert(apiService).values({ id, userId: null, name: "Bench", createdAt: at });
  await db.insert(apikey).values({
    id: "bench",
    configId: "default",
    referenceId: id,
    key: await defaultKeyHasher(KEY),
    permissions: JSON.stringify({ api: ["spend"] }),
    enabled: true,
    createdAt: at,
    updatedAt: at,
  });
}

async function spend(
  url: string,
  { user, idempotencyKey }: { user: string; idempotencyKey: string },
): Promise<void> {
  const response = await fetch(`${url}/api/v1/spends`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "idempotency-key": idempotencyKey },
    body: JSON.stringify({ user, amount: 1 }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The API responded with ${response.status}: ${text}`);
}
