import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { expectBooksBalanced } from "../support/books";
import { connectToDatabase } from "../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { createKey, createUser } from "./api-fixture";
import { type ApiServer, startApiServer } from "./api-server";

/** 200 clients take a minute on two cores: `QIFLOW_FULL=1 npx vitest run tests/public-api/load.test.ts`. */
const FULL = process.env.QIFLOW_FULL === "1";
const CLIENTS = FULL ? 200 : 24;
const USERS = FULL ? 50 : 6;
const KEYS = FULL ? 10 : 3;
const WRITES_PER_CLIENT = FULL ? 8 : 6;
const CAP = FULL ? 280 : 70;
const AMOUNT = 7;

let database: TestDatabase;
let db: Database;
let server: ApiServer;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectToDatabase(database.appUrl, { max: 24 });
  server = await startApiServer(db);
});

afterAll(async () => {
  server.close();
  await db.$client.end();
  await database.close();
});

async function post(path: string, sent: { key: string; idempotencyKey: string; body: object }) {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${sent.key}`,
      "idempotency-key": sent.idempotencyKey,
      "content-type": "application/json",
    },
    body: JSON.stringify(sent.body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

/** Sends one spend as a batch. Its result is that of the spend alone. */
async function postBatch(sent: { key: string; idempotencyKey: string; body: object }) {
  const body = { spends: [{ ...sent.body, key: sent.idempotencyKey }] };
  const { status, json } = await post("/spends/batch", { ...sent, body });
  const [result] = (json.results ?? []) as { problem: Record<string, unknown> | null }[];
  const problem = result?.problem ?? null;
  return problem === null ? { status, json } : { status: Number(problem.status), json: problem };
}

describe("parallel clients with capped keys", () => {
  it(
    "exceed no cap, book no key twice and leave balanced books",
    async () => {
      const users = await Promise.all(
        Array.from({ length: USERS }, (_, n) => createUser(db, `load-${n}`, 1_000_000)),
      );
      const services = await Promise.all(
        Array.from({ length: KEYS }, () => createKey(db, { cap: { amount: CAP, window: "day" } })),
      );
      const statuses = new Map<string, number>();
      const count = ({ status, json }: Awaited<ReturnType<typeof post>>) => {
        const outcome = status === 200 ? "200" : `${status} ${json.code}`;
        statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
      };
      const started = performance.now();
      await Promise.all(
        Array.from({ length: CLIENTS }, async (_, client) => {
          const { key } = services[client % KEYS] ?? { key: "" };
          for (let nth = 0; nth < WRITES_PER_CLIENT; nth += 1) {
            // Two clients of a service share every key: one books, the other gets the same booking.
            const name = `${Math.floor(client / (2 * KEYS))}-${nth}`;
            const body = { user: users[(client % KEYS) + nth * KEYS] ?? users[nth % USERS] ?? "" };
            const write = { key, idempotencyKey: name, body: { ...body, amount: AMOUNT } };
            if (nth % 4 < 2) {
              const isBatch = (client + nth) % 2 === 0;
              count(await (isBatch ? postBatch(write) : post("/spends", write)));
              continue;
            }
            count(await post("/holds", write));
            const end = nth % 4 === 2 ? "capture" : "release";
            const closing = { key, idempotencyKey: `${name}:${end}`, body };
            count(await post(`/holds/${encodeURIComponent(name)}/${end}`, closing));
          }
        }),
      );
      const seconds = (performance.now() - started) / 1000;
      const requests = [...statuses.values()].reduce((sum, times) => sum + times, 0);
      console.log(
        `${requests} requests by ${CLIENTS} clients: ${Math.round(requests / seconds)}/s`,
        Object.fromEntries(statuses),
      );
      const unexpected = [...statuses.keys()].filter(
        (outcome) => !/^(200|402 spend_limit_exceeded|404 hold_not_found)$/.test(outcome),
      );
      expect(unexpected).toEqual([]);
      expect(statuses.get("402 spend_limit_exceeded") ?? 0).toBeGreaterThan(0);

      const used = await database.sql<{ service: string; counted: number; spent: number }[]>`
        select l.service_id as service, c.used::int as counted,
          (select coalesce(-sum(amount), 0)::int from credit_transaction t
            where t.service_id = l.service_id) as spent
        from spend_limit l join spend_count c on c.limit_id = l.id`;
      expect(used).toHaveLength(KEYS);
      for (const { counted, spent } of used) {
        expect(counted).toBeLessThanOrEqual(CAP);
        expect(counted).toBe(spent);
      }
      for (const { serviceId, key } of services) {
        const remaining = CAP - (used.find(({ service }) => service === serviceId)?.counted ?? 0);
        const last = { user: users[0] ?? "", amount: remaining + 1 };
        const over = await post("/spends", { key, idempotencyKey: "last", body: last });
        expect(over.json.available).toBe(remaining);
      }
      const [twice] = await database.sql<{ count: number }[]>`
        select count(*)::int from (
          select from credit_transaction group by user_id, idempotency_key having count(*) > 1) t`;
      expect(twice?.count).toBe(0);
      await expectBooksBalanced(database.sql);
    },
    FULL ? 300_000 : 60_000,
  );
});
