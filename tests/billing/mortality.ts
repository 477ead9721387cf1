import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { drizzle } from "drizzle-orm/postgres-js";
import type { BillingDeps } from "@/billing/deps";
import { createDatabase, type Transaction } from "@/db/client";
import { createStripe } from "@/integrations/create-stripe";
import { type BillingFixture, SECRET_KEY } from "./billing-fixture";

/** What the dead process is told by Stripe. */
const KILLED = JSON.stringify({ error: { type: "api_error", message: "the process was killed" } });

/**
 * Billing in a process that can be killed between any two steps: before each statement (BEGIN and
 * COMMIT among them), after a COMMIT that nobody here heard of any more, before each call to Stripe
 * leaves, and after Stripe has done it but before its answer came. Once dead nothing of it reaches
 * the database or Stripe any more.
 */
export class Mortality {
  private left = 0;
  private dead = false;

  private constructor(
    readonly billing: BillingDeps,
    private readonly proxy: Server,
  ) {}

  static async create(fixture: BillingFixture): Promise<Mortality> {
    const { $client } = createDatabase(fixture.database.appUrl, { max: 4 });
    const proxy = createServer();
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const address = proxy.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const step = () => mortality.step();
    const db = drizzle($client, { casing: "snake_case", logger: { logQuery: step } });
    const transaction = db.transaction.bind(db);
    db.transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
      step();
      const result = await transaction(async (tx) => {
        const worked = await work(tx);
        step();
        return worked;
      });
      step();
      return result;
    };
    const billing: BillingDeps = {
      ...fixture.billing,
      db,
      stripe: createStripe({
        secretKey: SECRET_KEY,
        apiBase: `http://127.0.0.1:${address.port}`,
        maxNetworkRetries: 0,
      }),
    };
    const mortality = new Mortality(billing, proxy);
    proxy.on("request", (incoming: IncomingMessage, response) => {
      mortality
        .forward(incoming, fixture.simulator.port)
        .then((answer) => response.writeHead(answer.status, answer.headers).end(answer.body))
        // A refusal, as the SDK would wait and call once more if the connection broke.
        .catch(() => response.writeHead(400, { "stripe-should-retry": "false" }).end(KILLED));
    });
    return mortality;
  }

  /** Runs `work` in a process that is killed after `steps` steps; answers whether it outlived it. */
  async live(steps: number, work: (billing: BillingDeps) => Promise<unknown>): Promise<boolean> {
    this.left = steps;
    this.dead = false;
    try {
      await work(this.billing);
    } catch (error) {
      if (!this.dead) throw error;
    }
    return !this.dead;
  }

  async close(): Promise<void> {
    this.proxy.closeAllConnections();
    this.proxy.close();
    await this.billing.db.$client.end({ timeout: 5 });
  }

  private step(): void {
    this.left -= 1;
    if (this.left >= 0) return;
    this.dead = true;
    throw new Error("the process was killed");
  }

  private async forward(incoming: IncomingMessage, port: number) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    this.step();
    const { method, url: path, headers } = incoming;
    const call = request({ host: "127.0.0.1", port, method, path, headers });
    call.end(Buffer.concat(chunks));
    const [answer]: IncomingMessage[] = await once(call, "response");
    if (answer === undefined) throw new Error("no answer");
    const body: Buffer[] = [];
    for await (const chunk of answer) body.push(Buffer.from(chunk));
    this.step();
    return {
      status: answer.statusCode ?? 500,
      headers: answer.headers,
      body: Buffer.concat(body),
    };
  }
}
