import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { simulatorCatalogue } from "@qiflow/stripe-simulator/catalogue";
import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { asc, eq } from "drizzle-orm";
import { createPriceCatalogue, type ItemId } from "@/billing/catalog";
import { createCheckout } from "@/billing/checkout/create-checkout";
import type { BillingDeps } from "@/billing/deps";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { outbox, payment, stripeEvent, user } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { openCreditAccount } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { creditTransaction } from "@/ledger/schema";
import { now, setClockOffsetMs } from "@/lib/clock";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

export const SECRET_KEY = "sk_test_billing";
const WEBHOOK_SECRET = "whsec_billing";
const ADMIN_EMAIL = "admin@example.com";

/** Prices beyond the catalogue's: a retired one, and one of some other product. */
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

type WayToPay = NonNullable<Parameters<Simulator["control"]["pay"]>[1]>["how"];

/**
 * A test's own QiFlow: a database, a Stripe account over HTTP, and a webhook endpoint that runs the
 * real handler. Clocks of both move together.
 */
export class BillingFixture {
  /** While false the endpoint answers 503 without looking, as an app that is down does. */
  isUp = true;
  private users = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly simulator: Simulator,
    readonly billing: BillingDeps,
    private readonly endpoint: Server,
  ) {}

  static async create(options: { accountApiVersion?: string } = {}): Promise<BillingFixture> {
    setClockOffsetMs(0);
    const database = await createTestDatabase();
    const simulator = await startSimulator({
      secretKey: SECRET_KEY,
      webhookSecret: WEBHOOK_SECRET,
      prices: [...simulatorCatalogue, ...EXTRA_PRICES],
      retryDelaysMs: [],
      quiet: true,
      ...options,
      onClockMoved: async (offsetMs) => setClockOffsetMs(offsetMs),
    });
    const billing: BillingDeps = {
      db: database.db,
      stripe: createStripe({ secretKey: SECRET_KEY, apiBase: simulator.apiBase }),
      prices: createPriceCatalogue({
        current: {
          "pro-monthly": "price_pro_monthly",
          "pro-yearly": "price_pro_yearly",
          lifetime: "price_lifetime",
          "pack-basic": "price_pack_basic",
          "pack-standard": "price_pack_standard",
          "pack-premium": "price_pack_premium",
          "pack-enterprise": "price_pack_enterprise",
        },
        retired: "price_lifetime_2024=lifetime, price_pack_basic_cny=pack-basic",
      }),
      webhookSecret: WEBHOOK_SECRET,
      livemode: false,
      appUrl: "http://localhost:3000",
      automaticTax: false,
      billingAddress: false,
      alertChannels: { emails: [ADMIN_EMAIL], webhook: false, sentry: false },
      clock: now,
    };
    const endpoint = createServer();
    const fixture = new BillingFixture(database, simulator, billing, endpoint);
    endpoint.on("request", (request: IncomingMessage, response) => {
      fixture.answer(request).then(
        async (answer) => response.writeHead(answer.status).end(await answer.text()),
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

  async close(): Promise<void> {
    await this.simulator.close();
    this.endpoint.closeAllConnections();
    this.endpoint.close();
    await this.database.close();
    setClockOffsetMs(0);
  }

  /** A signed-up person with the 120 credits everybody starts with. */
  async signUp(locale: "en" | "zh-CN" = "en"): Promise<string> {
    this.users += 1;
    const id = `user_${this.users}`;
    await this.db.insert(user).values({
      id,
      name: `Person ${this.users}`,
      email: `${id}@example.com`,
      locale,
      createdAt: now(),
      updatedAt: now(),
    });
    await this.db.transaction((tx) => openCreditAccount(tx, { userId: id, now: now() }));
    return id;
  }

  /** Opens the payment page for an item; answers the session's id. */
  async openCheckout(userId: string, item: ItemId): Promise<string> {
    const { url } = await createCheckout(this.billing, { userId, item, now: now() });
    const sessionId = /cs_\w+/.exec(url)?.[0];
    if (sessionId === undefined) throw new Error(`${url} names no session.`);
    return sessionId;
  }

  /** Buys an item as a person does: payment page, payment, events. */
  async buy(userId: string, item: ItemId, how: WayToPay = "card"): Promise<string> {
    const sessionId = await this.openCheckout(userId, item);
    await this.control.pay(sessionId, how === undefined ? {} : { how });
    return sessionId;
  }

  /** A session made beside our own code, for what it would never make. */
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

  /** The one subscription of a user at Stripe, by the session that began it. */
  async subscriptionOf(sessionId: string): Promise<string> {
    const session = await this.billing.stripe.checkout.sessions.retrieve(sessionId);
    if (typeof session.subscription !== "string") throw new Error("no subscription came of it");
    return session.subscription;
  }

  async available(userId: string): Promise<number> {
    return (await getBalance(this.db, { userId, at: now() })).available;
  }

  /** Amounts booked for a user with their keys, in order, without the sign-up's. */
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

  /** The sum of all that was granted for purchases. */
  async granted(userId: string): Promise<number> {
    const rows = await this.booked(userId);
    return rows.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** The paid months that were granted, whatever brought them: invoices, sessions, schedules. */
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

  /** What the inbox says of all events of a type. */
  async inbox(type: string) {
    return this.db
      .select()
      .from(stripeEvent)
      .where(eq(stripeEvent.type, type))
      .orderBy(asc(stripeEvent.receivedAt));
  }

  async mails(userId: string) {
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
    return keys
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.replace(`:${ADMIN_EMAIL}`, ""));
  }

  /** Makes the calls to Stripe that wait, and lets their events come. */
  async deliverCalls() {
    const result = await runStripeCalls(this.billing);
    await this.control.settled();
    return result;
  }

  /** Posts an event (again) as Stripe would, signed now. */
  async deliver(event: Parameters<Simulator["control"]["signedPayload"]>[0]): Promise<Response> {
    const { body, header } = this.control.signedPayload(event);
    return this.post(body, { "stripe-signature": header });
  }

  async post(body: string, headers: Record<string, string>): Promise<Response> {
    const url = "http://localhost:3000/api/webhooks/stripe";
    return handleStripeWebhook(this.billing, new Request(url, { method: "POST", body, headers }));
  }

  /** Waits until somebody waits for a lock that this backend holds. */
  async untilBlocked(pid: number): Promise<void> {
    for (let tries = 0; tries < 400; tries += 1) {
      const [row] = await this.database.ownerSql<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_stat_activity
        where ${pid} = any (pg_blocking_pids(pid))`;
      if ((row?.waiting ?? 0) > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error("nobody waits");
  }

  /** The latest event of a type, as Stripe lists it. */
  latest(type: Parameters<Simulator["control"]["listEvents"]>[0]) {
    const event = this.control.listEvents(type).at(-1);
    if (event === undefined) throw new Error(`no ${type} happened`);
    return event;
  }

  async expectBalanced(): Promise<void> {
    await expectBooksBalanced(this.database.ownerSql);
  }

  private async answer(request: IncomingMessage): Promise<Response> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (!this.isUp) return new Response("down", { status: 503 });
    const header = request.headers["stripe-signature"];
    return this.post(Buffer.concat(chunks).toString("utf8"), {
      "stripe-signature": typeof header === "string" ? header : "",
    });
  }
}
