import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { SimulatorPrice } from "@qiflow/stripe-simulator/catalogue";
import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { asc, eq } from "drizzle-orm";
import { expect } from "vitest";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { SUPPLY_CONSENT_VERSION } from "@/billing/consumer-rights/supply-consent";
import type { BillingDeps } from "@/billing/deps";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { Prices } from "@/billing/prices/prices";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { findItem } from "@/catalog/items";
import { outbox, payment, stripeEvent, user } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { openCreditAccount } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { creditTransaction } from "@/ledger/schema";
import { now, setClockOffsetMs } from "@/lib/clock";
import { simulatorPrices } from "../../dev/laptop/simulator-prices";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

export const SECRET_KEY = "sk_test_billing";
/** What a buyer agrees to before the payment page opens. */
export const CONSENT = { version: SUPPLY_CONSENT_VERSION, text: "Supply it immediately." };
const WEBHOOK_SECRET = "whsec_billing";
const ADMIN_EMAIL = "admin@example.com";

/** Prices outside the catalogue: retired ones and another product's. */
const EXTRA_PRICES = [
  {
    id: "price_lifetime_2024",
    productId: "prod_lifetime",
    productName: "QiFlow Lifetime",
    unitAmountCents: 14900,
    currency: "usd",
  },
  {
    id: "price_pack_basic_cny",
    productId: "prod_pack_basic",
    productName: "100 credits",
    unitAmountCents: 6800,
    currency: "cny",
  },
  {
    id: "price_foreign",
    productId: "prod_foreign",
    productName: "Somebody else's",
    unitAmountCents: 500,
    currency: "usd",
  },
  {
    id: "price_foreign_monthly",
    productId: "prod_foreign",
    productName: "Somebody else's",
    unitAmountCents: 500,
    currency: "usd",
    interval: "month" as const,
  },
];

/** Of the prices above, those that an earlier version sold. */
const RETIRED_PRICES = [
  { priceId: "price_lifetime_2024", item: "lifetime" },
  { priceId: "price_pack_basic_cny", item: "pack-basic" },
];

type PaymentMethod = NonNullable<Parameters<Simulator["control"]["pay"]>[1]>["how"];

/**
 * A database, a Stripe simulator over HTTP, and a webhook endpoint that runs the real handler. The
 * simulator's clock and ours move together.
 */
export class BillingFixture {
  /** While false, the endpoint returns 503 like an app that is down. */
  isUp = true;
  private users = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly simulator: Simulator,
    readonly billing: BillingDeps,
    private readonly endpoint: Server,
  ) {}

  /** @param extraPrices prices at the simulator beside those of the catalogue */
  static async create({
    extraPrices = [],
    ...options
  }: {
    accountApiVersion?: string;
    extraPrices?: readonly SimulatorPrice[];
  } = {}): Promise<BillingFixture> {
    setClockOffsetMs(0);
    const database = await createTestDatabase();
    const simulator = await startSimulator({
      secretKey: SECRET_KEY,
      webhookSecret: WEBHOOK_SECRET,
      prices: [...simulatorPrices(), ...EXTRA_PRICES, ...extraPrices],
      retryDelaysMs: [],
      quiet: true,
      ...options,
      onClockMoved: async (offsetMs) => setClockOffsetMs(offsetMs),
    });
    const { db } = database;
    const stripe = createStripe({ secretKey: SECRET_KEY, apiBase: simulator.apiBase });
    const billing: BillingDeps = {
      db,
      stripe,
      prices: new Prices({ db, stripe, legacy: RETIRED_PRICES, clock: now }),
      webhookSecret: WEBHOOK_SECRET,
      livemode: false,
      appUrl: "http://localhost:3000",
      automaticTax: false,
      billingAddress: false,
      purchaseInvoices: true,
      alertChannels: { emails: [ADMIN_EMAIL], webhook: false, sentry: false },
      clock: now,
    };
    const endpoint = createServer();
    const fixture = new BillingFixture(database, simulator, billing, endpoint);
    endpoint.on("request", (request: IncomingMessage, response) => {
      fixture.handle(request).then(
        async (result) => response.writeHead(result.status).end(await result.text()),
        () => response.writeHead(500).end(),
      );
    });
    endpoint.listen(0, "127.0.0.1");
    await once(endpoint, "listening");
    const address = endpoint.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    simulator.control.setWebhookUrl(`http://127.0.0.1:${address.port}/`);
    return fixture;
  }

  get control() {
    return this.simulator.control;
  }

  get db() {
    return this.billing.db;
  }

  /** The price that an item is sold at today. */
  async priceOf(id: string): Promise<string> {
    const item = findItem(id) ?? expect.fail(`No item ${id}.`);
    return (await this.billing.prices.priceOf(item)).priceId;
  }

  /** Makes the prices of these items unknown to the application. Without items, undoes it. */
  forgetPrices(...items: readonly string[]): void {
    const { db, stripe } = this.billing;
    const prices = new Prices({ db, stripe, legacy: RETIRED_PRICES, clock: now });
    const itemOf = prices.itemOf.bind(prices);
    prices.itemOf = (priceId) => {
      const item = itemOf(priceId);
      return item !== null && items.includes(item.id) ? null : item;
    };
    Object.assign(this.billing, { prices });
  }

  async close(): Promise<void> {
    await this.simulator.close();
    this.endpoint.closeAllConnections();
    this.endpoint.close();
    await this.database.close();
    setClockOffsetMs(0);
  }

  /** Creates a user with the 120 credits of a new account. Returns the id. */
  async signUp(locale: "en" | "zh-CN" = "en"): Promise<string> {
    this.users += 1;
    const id = `user_${this.users}`;
    await this.db.insert(user).values({
      id,
      name: `User ${this.users}`,
      email: `${id}@example.com`,
      locale,
      createdAt: now(),
      updatedAt: now(),
    });
    await this.db.transaction((tx) => openCreditAccount(tx, { userId: id, now: now() }));
    return id;
  }

  /** Opens the payment page for an item. Returns the session's id. */
  async openCheckout(
    userId: string,
    item: string,
    options: { currency?: string } = {},
  ): Promise<string> {
    const { url } = await createCheckout(this.billing, {
      userId,
      item,
      consent: CONSENT,
      now: now(),
      ...options,
    });
    const sessionId = /cs_\w+/.exec(url)?.[0];
    if (sessionId === undefined) throw new Error(`${url} contains no session id.`);
    return sessionId;
  }

  /** Buys an item: payment page, payment, events. Returns the session's id. */
  async buy(userId: string, item: string, how: PaymentMethod = "card"): Promise<string> {
    const sessionId = await this.openCheckout(userId, item);
    await this.control.pay(sessionId, how === undefined ? {} : { how });
    return sessionId;
  }

  /** Creates a session directly at Stripe that our code would never create. */
  async openForeignSession(
    params: Parameters<BillingDeps["stripe"]["checkout"]["sessions"]["create"]>[0],
  ): Promise<string> {
    const session = await this.billing.stripe.checkout.sessions.create({
      ui_mode: "hosted_page",
      mode: "payment",
      success_url: "http://localhost:3000/billing/success",
      cancel_url: "http://localhost:3000/pricing",
      ...params,
    });
    return session.id;
  }

  /** The id of the subscription that a session created. */
  async subscriptionOf(sessionId: string): Promise<string> {
    const session = await this.billing.stripe.checkout.sessions.retrieve(sessionId);
    if (typeof session.subscription !== "string")
      throw new Error("the session created no subscription");
    return session.subscription;
  }

  async available(userId: string): Promise<number> {
    return (await getBalance(this.db, { userId, at: now() })).available;
  }

  /** A user's ledger rows in booking order, without sign-up credits and expiries. */
  async booked(userId: string): Promise<{ type: string; amount: number; key: string }[]> {
    const rows = await this.db
      .select({
        type: creditTransaction.type,
        amount: creditTransaction.amount,
        key: creditTransaction.idempotencyKey,
      })
      .from(creditTransaction)
      .where(eq(creditTransaction.userId, userId))
      .orderBy(asc(creditTransaction.seq));
    return rows.filter(({ key }) => !/^(signup:|schedule:signup:|lot:)/.test(key));
  }

  /** The sum of `booked`. */
  async granted(userId: string): Promise<number> {
    const rows = await this.booked(userId);
    return rows.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Granted paid months from invoices, sessions and schedules. */
  async allotments(userId: string) {
    const rows = await this.booked(userId);
    return rows.filter(({ key }) => /:allotment$|^schedule:(invoice|checkout):/.test(key));
  }

  async payments(userId: string) {
    return this.db.select().from(payment).where(eq(payment.userId, userId)).orderBy(payment.paidAt);
  }

  async event(id: string) {
    const [found] = await this.db.select().from(stripeEvent).where(eq(stripeEvent.id, id));
    return found;
  }

  /** All inbox rows of an event type, oldest first. */
  async inbox(type: string) {
    return this.db
      .select()
      .from(stripeEvent)
      .where(eq(stripeEvent.type, type))
      .orderBy(asc(stripeEvent.receivedAt));
  }

  async emails(userId: string) {
    const rows = await this.db.select().from(outbox).where(eq(outbox.userId, userId));
    return rows.filter(({ kind }) => kind === "email").map((row) => row.idempotencyKey);
  }

  /** The keys of all alerts in the outbox that start with `prefix`, oldest first. */
  async alerts(prefix: string): Promise<string[]> {
    const rows = await this.db
      .select()
      .from(outbox)
      .where(eq(outbox.kind, "alert"))
      .orderBy(asc(outbox.createdAt));
    const keys = rows.map(({ idempotencyKey }) => idempotencyKey.replace(/^alert:/, ""));
    return keys.filter((key) => key.startsWith(prefix)).map((key) => key.replace(/:mail-1$/, ""));
  }

  /** Runs the due Stripe calls and waits for their events. */
  async deliverCalls() {
    const result = await runStripeCalls(this.billing);
    await this.control.settled();
    return result;
  }

  /** Delivers an event (again) with a fresh signature. */
  async deliver(event: Parameters<Simulator["control"]["signedPayload"]>[0]): Promise<Response> {
    const { body, header } = this.control.signedPayload(event);
    return this.post(body, { "stripe-signature": header });
  }

  async post(body: string, headers: Record<string, string>): Promise<Response> {
    const url = "http://localhost:3000/api/webhooks/stripe";
    return handleStripeWebhook(this.billing, new Request(url, { method: "POST", body, headers }));
  }

  /** Waits until another backend waits for a lock of the backend `pid`. */
  async waitUntilBlocked(pid: number): Promise<void> {
    for (let tries = 0; tries < 400; tries += 1) {
      const [row] = await this.database.ownerSql<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_stat_activity
        where ${pid} = any (pg_blocking_pids(pid))`;
      if ((row?.waiting ?? 0) > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`no backend waits for ${pid}`);
  }

  /** The latest event of a type at Stripe. */
  latest(type: Parameters<Simulator["control"]["listEvents"]>[0]) {
    const event = this.control.listEvents(type).at(-1);
    if (event === undefined) throw new Error(`there is no ${type} event`);
    return event;
  }

  async expectBalanced(): Promise<void> {
    await expectBooksBalanced(this.database.ownerSql);
  }

  private async handle(request: IncomingMessage): Promise<Response> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (!this.isUp) return new Response("down", { status: 503 });
    const header = request.headers["stripe-signature"];
    return this.post(Buffer.concat(chunks).toString("utf8"), {
      "stripe-signature": typeof header === "string" ? header : "",
    });
  }
}
