import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { drizzle } from "drizzle-orm/postgres-js";
import type { BillingDeps } from "@/billing/deps";
import type { Transaction } from "@/db/client";
import { createStripe } from "@/integrations/create-stripe";
import { connectToDatabase } from "../../support/connect-to-database";
import { type BillingFixture, SECRET_KEY } from "../billing-fixture";

/** The simulated Stripe error that a killed process gets. */
const KILLED = JSON.stringify({ error: { type: "api_error", message: "the process was killed" } });

/**
 * Billing in a process that can be killed at any step: before each statement (BEGIN and COMMIT
 * included), after a COMMIT, before a call reaches Stripe, and before Stripe's response arrives.
 * Nothing of a killed process reaches the database or Stripe.
 */
export class KillableProcess {
  private stepsLeft = 0;
  private isKilled = false;

  private constructor(
    readonly billing: BillingDeps,
    private readonly proxy: Server,
  ) {}

  static async create(fixture: BillingFixture): Promise<KillableProcess> {
    const { $client } = connectToDatabase(fixture.database.appUrl, { max: 4 });
    const proxy = createServer();
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const address = proxy.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const step = () => killable.step();
    const db = drizzle($client, { casing: "snake_case", logger: { logQuery: step } });
    const transaction = db.transaction.bind(db);
    db.transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
      step();
      const result = await transaction(async (tx) => {
        const returned = await work(tx);
        step();
        return returned;
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
    const killable = new KillableProcess(billing, proxy);
    proxy.on("request", (incoming: IncomingMessage, outgoing) => {
      killable
        .forward(incoming, fixture.simulator.port)
        .then(({ status, headers, body }) => outgoing.writeHead(status, headers).end(body))
        // An error response: the SDK would retry a broken connection.
        .catch(() => outgoing.writeHead(400, { "stripe-should-retry": "false" }).end(KILLED));
    });
    return killable;
  }

  /** Runs `work` and kills the process after `steps` steps. Returns whether it survived. */
  async run(steps: number, work: (billing: BillingDeps) => Promise<unknown>): Promise<boolean> {
    this.stepsLeft = steps;
    this.isKilled = false;
    try {
      await work(this.billing);
    } catch (error) {
      if (!this.isKilled) throw error;
    }
    return !this.isKilled;
  }

  async close(): Promise<void> {
    this.proxy.closeAllConnections();
    this.proxy.close();
    await this.billing.db.$client.end({ timeout: 5 });
  }

  private step(): void {
    this.stepsLeft -= 1;
    if (this.stepsLeft >= 0) return;
    this.isKilled = true;
    throw new Error("the process was killed");
  }

  private async forward(incoming: IncomingMessage, port: number) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    this.step();
    const { method, url: path, headers } = incoming;
    const call = request({ host: "127.0.0.1", port, method, path, headers });
    call.end(Buffer.concat(chunks));
    const [response]: IncomingMessage[] = await once(call, "response");
    if (response === undefined) throw new Error("no response");
    const body: Buffer[] = [];
    for await (const chunk of response) body.push(Buffer.from(chunk));
    this.step();
    return {
      status: response.statusCode ?? 500,
      headers: response.headers,
      body: Buffer.concat(body),
    };
  }
}
