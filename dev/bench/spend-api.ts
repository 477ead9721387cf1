import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defaultKeyHasher } from "@better-auth/api-key";
import type { Database } from "@/db/client";
import { apikey, apiService } from "@/db/schema";
import { now } from "@/lib/clock";
import { findFreePort } from "../laptop/free-port";
import { whenServing } from "./production-app";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const KEY = `qf_${"b".repeat(64)}`;

export interface SpendApi {
  /** Spends one credit of a user. */
  spend(spend: SpendOfUser): Promise<void>;
  /** Spends one credit of each of several users in one request. */
  spendBatch(spends: readonly SpendOfUser[]): Promise<void>;
  stop(): Promise<void>;
}

interface SpendOfUser {
  readonly user: string;
  readonly key: string;
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
  const server = await startServer(options.databaseUrl);
  return {
    stop: server.stop,
    async spend({ user, key }) {
      await post(`${server.url}/api/v1/spends`, {
        headers: { "idempotency-key": key },
        body: { user, amount: 1 },
      });
    },
    async spendBatch(spends) {
      const body = { spends: spends.map((spend) => ({ ...spend, amount: 1 })) };
      const text = await post(`${server.url}/api/v1/spends/batch`, { body });
      if (text.includes('"booking":null')) throw new Error(`The API refused a spend: ${text}`);
    },
  };
}

/** Without the tick of `npm start`, whose jobs would lock the accounts that the other contenders use. */
async function startServer(databaseUrl: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await findFreePort(3900);
  const url = `http://localhost:${port}`;
  const child = spawn(
    process.execPath,
    ["node_modules/next/dist/bin/next", "start", "-p", String(port), "-H", "localhost"],
    {
      cwd: ROOT,
      // Its output goes to stderr, so that the last line of stdout stays the result.
      stdio: ["ignore", 2, 2],
      env: {
        ...process.env,
        NODE_ENV: "production",
        QIFLOW_EMBEDDED: "1",
        APP_URL: url,
        DATABASE_URL: databaseUrl,
        BETTER_AUTH_SECRET: "only-for-the-benchmark-only-for-the-benchmark",
        FREE_CREDITS_SECRET: "only-for-the-benchmark-only-for-the-benchmark",
        // Nothing is bought, so Stripe is not needed.
        STRIPE_SECRET_KEY: "sk_test_bench",
        STRIPE_WEBHOOK_SECRET: "whsec_bench",
        STRIPE_API_BASE: "http://127.0.0.1:9",
        LOG_LEVEL: "fatal",
      },
    },
  );
  return { url, stop: await whenServing(child, `${url}/api/v1/openapi.json`) };
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

async function post(
  url: string,
  { headers, body }: { headers?: Readonly<Record<string, string>>; body: object },
): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The API responded with ${response.status}: ${text}`);
  return text;
}
