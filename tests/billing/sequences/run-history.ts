import { inspect, isDeepStrictEqual } from "node:util";
import { addMinutes } from "date-fns";
import { millisecondsInDay, millisecondsInHour, millisecondsInMinute } from "date-fns/constants";
import type Stripe from "stripe";
import { expect } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { spendCredits } from "@/ledger/debit";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { AppError } from "@/lib/errors";
import { BillingFixture, CONSENT } from "../billing-fixture";
import { EventDelivery, type Servers } from "./event-delivery";
import type { Action, History, Item, Step, SwitchItem } from "./generate-history";
import { expectedOf, type Purchase, type StripeFacts } from "./oracle";
import { nextPrices, PriceMoves } from "./price-moves";
import { readState } from "./read-state";
import { describeFacts, readStripeFacts } from "./stripe-facts";

/**
 * Every wait ends this much later in the day than the one before. No two instants that matter are
 * closer than the servers' clocks differ.
 */
const SLOT_MS = 97 * millisecondsInMinute;
/** Shorter than the validity of any allotment. Also the longest time between two backfills. */
const LONGEST_WAIT_DAYS = 20;
/** A bank debit settles within so many days. Until then Stripe refuses to void its invoice. */
const DEBIT_DAYS = 10;
/** Our calls to Stripe cause events, which cause calls. */
const MAX_ROUNDS = 10;

/**
 * Runs a history against Stripe's simulator and two servers of the application. Compares what the
 * customer has with the oracle wherever the history says so and at its end.
 */
export async function runHistory(history: History): Promise<void> {
  const fixture = await BillingFixture.create({ extraPrices: nextPrices() });
  try {
    const run = await HistoryRun.start(fixture, history);
    for (const step of history.steps) if (step !== null) await run.take(step);
    await run.finish();
    await fixture.expectBalanced();
  } finally {
    await fixture.close();
  }
}

class HistoryRun {
  readonly #servers: Servers;
  readonly #sessionIds: string[] = [];
  readonly #events: EventDelivery;
  readonly #failedAt = new Map<string, number>();
  #deletedAt: number | null = null;
  #spends = 0;

  private constructor(
    private readonly fixture: BillingFixture,
    private readonly history: History,
    private readonly userId: string,
    private readonly priceMoves: PriceMoves,
  ) {
    const clock = () => addMinutes(now(), history.clockOffsetMinutes);
    this.#servers = [fixture.billing, { ...fixture.billing, clock }];
    this.#events = new EventDelivery(fixture, this.#servers);
  }

  static async start(fixture: BillingFixture, history: History): Promise<HistoryRun> {
    await fixture.control.setDeliveryMode("drop");
    const priceMoves = await PriceMoves.create(fixture);
    return new HistoryRun(fixture, history, await fixture.signUp(), priceMoves);
  }

  async take(step: Step): Promise<void> {
    // Stripe counts in seconds, and the order of two steps must be visible.
    await this.fixture.control.advanceClock({ ms: 2_000 });
    await this.#act(step.action, step);
    // Which of two purchases stands depends on what is refunded before both have arrived, and a trial that
    // has ended by then grants nothing.
    const isWithheld = ["some late", "late", "lost"].includes(step.delivery);
    const isTrial = step.action.do === "buy" && step.action.item === "solo-monthly";
    const isPrompt = step.action.do === "buy twice" || isTrial;
    const delivery = isPrompt && isWithheld ? "shuffled" : step.delivery;
    await this.#events.deliverNew({ ...step, delivery });
    if (step.runsCalls) await this.#runCalls(step.server);
    await this.#spend();
  }

  async finish(): Promise<void> {
    while ((await this.#openDisputes()).length > 0) await this.#closeDispute("lose", 0);
    await this.#compare();
  }

  /**
   * Delivers and runs everything that is pending, then compares with the oracle. What an open dispute
   * holds back depends on when its event arrived, so nothing is compared during one.
   */
  async #compare(): Promise<void> {
    await this.#settle();
    const facts = await this.#facts();
    if ((await this.#openDisputes()).length > 0) return;
    const expected = expectedOf(facts);
    const found = await readState(this.fixture, { userId: this.userId, facts });
    const wrong = [...expected.faults];
    const differs = (what: string, is: unknown, should: unknown) => {
      if (isDeepStrictEqual(is, should)) return;
      wrong.push(`${what} is ${inspect(is)}, expected ${inspect(should)}`);
    };
    differs("member until", found.memberUntil, expected.memberUntil);
    for (const [id, purchase] of Object.entries(expected.purchases)) {
      differs(`${id}: credits`, found.purchases.get(id)?.credits, purchase.credits);
      differs(`${id}: next allotment`, found.purchases.get(id)?.next, purchase.next);
      differs(`${id}: owed`, found.purchases.get(id)?.owedCents, purchase.owedCents);
    }
    for (const { id, invoiceId } of facts.purchases) {
      const paid = found.purchases.get(id);
      if (paid?.invoiceId !== undefined) differs(`${id}: invoice`, paid.invoiceId, invoiceId);
    }
    const total = found.others + sumOf(Object.values(expected.purchases));
    differs("debt", found.debt, Math.max(0, 0 - total));
    if (wrong.length > 0) throw new Error(`${wrong.join("\n")}\n\n${describeFacts(facts)}`);
  }

  async #act(action: Action, step: Step): Promise<void> {
    const { control } = this.fixture;
    switch (action.do) {
      case "buy":
        return this.#buy(action.item, action.how, step.server);
      case "buy twice":
        return this.#buyTwice(action.kind, step.server);
      case "settle debit":
        return this.#settleDebit(action.outcome);
      case "credit balance":
        return this.#creditBalance(action.cents);
      case "refund": {
        const charge = pickOf(await this.#charges(), action.pick);
        if (charge === undefined) return;
        const cents = Math.max(1, Math.round((charge.cents * action.percent) / 100));
        const amount = Math.min(cents, charge.cents - charge.refundedCents);
        await control.refund(charge.intent, amount);
        return;
      }
      case "fail refund":
        return this.#failRefund(action.pick);
      case "dispute": {
        const charge = pickOf(await this.#charges(), action.pick);
        if (charge === undefined) return;
        const cents = Math.max(1, Math.round((charge.cents * action.percent) / 100));
        const amount = Math.min(cents, charge.cents - charge.refundedCents);
        await control.dispute(charge.intent, amount, action.isForeign ? "gbp" : undefined);
        return;
      }
      case "close dispute":
        return this.#closeDispute(action.outcome, action.pick);
      case "switch plan":
        return this.#switchPlan(action.to, step);
      case "cancel at period end":
      case "resume": {
        const live = await this.#liveSubscription("active", "trialing");
        if (live === undefined) return;
        if (action.do === "cancel at period end") {
          if (typeof live.schedule === "string") await this.#releaseSchedule(live.schedule);
          await control.cancelSubscription(live.id, "period end");
          return;
        }
        // A subscription that is resumed beside a lifetime stays.
        const { purchases } = await this.#facts();
        const hasLifetime = purchases.some(({ item }) => item === "lifetime");
        if (!hasLifetime) await control.resumeSubscription(live.id);
        return;
      }
      case "migrate price":
        await this.#settle();
        return this.priceMoves.migrate(this.#servers[step.server], action.noticeDays);
      case "approach renewal":
        return this.#approachRenewal(step);
      case "fail renewal":
        return this.#failRenewal(action.forGood, step);
      case "pay open invoice": {
        const { data } = await this.fixture.billing.stripe.invoices.list({ limit: 100 });
        const open = data.filter(({ status }) => status === "open" || status === "uncollectible");
        const invoice = pickOf(open, action.pick);
        if (invoice?.id !== undefined) await control.payInvoice(invoice.id);
        return;
      }
      case "delete account":
        return this.#deleteAccount(action.paysAfter, step.server);
      case "spend":
        return this.#spendAll();
      case "backfill":
        return this.#events.backfill(step.server);
      case "distribute":
        return this.#distribute(step.server);
      case "compare":
        return this.#compare();
      case "wait":
        return this.#wait(action.days, step);
    }
  }

  async #buy(item: Item, how: "card" | "later", server: 0 | 1): Promise<void> {
    const sessionId = await this.#open(item, server);
    if (sessionId !== null) await this.fixture.control.pay(sessionId, { how });
  }

  /**
   * Null if the application refuses the purchase. A purchase that is restored beside a new plan differs
   * from one that the new plan has replaced, so refunds that failed arrive before it.
   */
  async #open(item: Item, server: 0 | 1, locale: "en" | "zh-CN" = "en"): Promise<string | null> {
    const billing = this.#servers[server];
    if (!item.startsWith("pack")) await this.#events.deliverFailedRefunds(server);
    try {
      const opened = { userId: this.userId, item, locale, consent: CONSENT, now: billing.clock() };
      const { url } = await createCheckout(billing, opened);
      const id = /cs_\w+/.exec(url)?.[0];
      if (id === undefined) throw new Error(`${url} contains no session id.`);
      if (!this.#sessionIds.includes(id)) this.#sessionIds.push(id);
      return id;
    } catch (error) {
      if (error instanceof AppError && error.status < 500) return null;
      throw error;
    }
  }

  /** The second page is opened at Stripe, because ours would close the first one. */
  async #buyTwice(kind: "lifetime" | "subscription", server: 0 | 1): Promise<void> {
    const { stripe } = this.fixture.billing;
    const first = await this.#open(kind === "lifetime" ? "lifetime" : "pro-monthly", server);
    if (first === null) return;
    const { customer } = await stripe.checkout.sessions.retrieve(first);
    const metadata = { userId: this.userId };
    const second = await this.fixture.openForeignSession({
      mode: kind === "lifetime" ? "payment" : "subscription",
      customer: String(customer),
      line_items: [
        { price: kind === "lifetime" ? "price_lifetime" : "price_pro_yearly", quantity: 1 },
      ],
      metadata,
      ...(kind === "lifetime"
        ? { payment_intent_data: { metadata } }
        : { subscription_data: { metadata } }),
    });
    this.#sessionIds.push(second);
    await this.fixture.control.pay(first);
    await this.fixture.control.advanceClock({ ms: 2_000 });
    await this.fixture.control.pay(second);
  }

  async #settleDebit(outcome: "succeed" | "fail"): Promise<void> {
    for (const { id } of await this.#pendingSessions()) {
      await this.fixture.control.settleDelayedPayment(id, outcome).catch(() => undefined);
    }
  }

  /** Sessions whose bank debit has not settled. */
  async #pendingSessions() {
    const { sessions } = this.fixture.billing.stripe.checkout;
    const all = await Promise.all(this.#sessionIds.map((id) => sessions.retrieve(id)));
    return all.filter(
      ({ status, payment_status: paid }) => status === "complete" && paid === "unpaid",
    );
  }

  /** Whether the debit of a lifetime or of a live subscription has not settled. */
  async #isPlanPending({ item }: Purchase): Promise<boolean> {
    if (item === "pack") return false;
    const live = await this.#liveSubscription("active");
    const pending = await this.#pendingSessions();
    return pending.some(
      ({ mode, subscription }) => mode === "payment" || subscription === live?.id,
    );
  }

  async #creditBalance(cents: number): Promise<void> {
    const { stripe } = this.fixture.billing;
    if ((await this.#open("pack-basic", 0)) === null) return;
    const [customer] = (await stripe.customers.list({ limit: 1 })).data;
    if (customer === undefined) return;
    await stripe.customers.update(customer.id, { balance: customer.balance - cents });
  }

  /** Delivers all events before and after, because they decide whether a purchase was replaced. */
  async #failRefund(pick: number): Promise<void> {
    const { control } = this.fixture;
    const { purchases } = await this.#facts();
    const found = pickOf(
      purchases
        .filter((purchase) => !isContinued(purchase, purchases))
        .flatMap((purchase) => purchase.reversals.map((refund) => ({ purchase, refund })))
        .filter(
          ({ refund: { kind, isStanding, isOurs } }) => kind === "refund" && isStanding && !isOurs,
        ),
      pick,
    );
    if (found === undefined) return;
    const isSucceeded =
      hasSuccessor(found.purchase, purchases) || (await this.#isPlanPending(found.purchase));
    if (isSucceeded) await this.#settle();
    await control.failRefund(found.refund.id);
    if (!isSucceeded) return;
    this.#failedAt.set(found.refund.id, now().getTime());
    await this.#settle();
  }

  async #closeDispute(outcome: "win" | "lose", pick: number): Promise<void> {
    const dispute = pickOf(await this.#openDisputes(), pick);
    if (dispute === undefined) return;
    if (outcome === "win") await this.fixture.control.winDispute(dispute.id);
    else await this.fixture.control.loseDispute(dispute.id);
  }

  async #openDisputes() {
    const { purchases } = await this.#facts();
    return purchases.flatMap(({ reversals }) => reversals).filter(({ isOpen }) => isOpen);
  }

  /** What a switch grants depends on the reversals before it, so these arrive before it. */
  async #switchPlan(to: SwitchItem, step: Step): Promise<void> {
    const live = await this.#liveSubscription("active");
    const item = live?.items.data[0];
    if (live === undefined || item === undefined || item.price.id === "price_solo_monthly") return;
    const { purchases } = await this.#facts();
    const ofIt = purchases.filter(({ subscriptionId }) => subscriptionId === live.id);
    if (ofIt.some(({ reversals }) => reversals.some(({ isOpen }) => isOpen))) return;
    const { interval, plan, target } = switchOf(item.price.id, to);
    if (ofIt.some(({ reversals }) => reversals.length > 0)) {
      // A reversed upgrade returns the subscription to the lower tier. No rule says what an upgrade within a
      // reversed period grants before our call has cancelled the subscription.
      const isUpgrade = target.endsWith(interval);
      if (isUpgrade || ofIt.some(({ reason }) => reason === "upgrade")) await this.#settle();
      await this.#events.deliverLate(step.order);
      await this.#events.backfill(step.server);
      const [price] = (await this.#liveSubscription("active"))?.items.data ?? [];
      if (price?.price.id !== item.price.id) return;
    }
    const isDowngrade = plan === "max" && target === `price_pro_${interval}`;
    const { control } = this.fixture;
    if (!isDowngrade) return control.switchPlan(live.id, target);
    if (live.schedule === null && live.cancel_at === null)
      await control.planSwitch(live.id, target);
  }

  async #failRenewal(forGood: boolean, step: Step): Promise<void> {
    const live = await this.#liveSubscription("active", "trialing");
    if (live === undefined || live.cancel_at !== null) return;
    this.fixture.control.failNextPayment(live.id, forGood ? 4 : 1);
    const endsAt = (live.items.data[0]?.current_period_end ?? 0) * 1000;
    const days = Math.ceil((endsAt - now().getTime()) / millisecondsInDay);
    await this.#wait(days + (forGood ? 16 : 1), step);
  }

  async #approachRenewal(step: Step): Promise<void> {
    const live = await this.#liveSubscription("active", "past_due");
    if (live === undefined) return;
    const endsAt = (live.items.data[0]?.current_period_end ?? 0) * 1000;
    const days = Math.floor((endsAt - now().getTime()) / millisecondsInDay) - 1;
    if (days > 0) await this.#wait(days, step);
    await this.#settle();
    await this.priceMoves.tick(this.#servers[step.server]);
  }

  /** What a deletion refunds depends on what has arrived, so everything arrives before it. */
  async #deleteAccount(paysAfter: boolean, server: 0 | 1): Promise<void> {
    if (this.#deletedAt !== null) return;
    await this.#settle();
    const page = paysAfter ? await this.#open("pack-basic", server) : null;
    const billing = this.#servers[server];
    await deleteAccount(this.fixture.db, { userId: this.userId, now: billing.clock() });
    this.#deletedAt = now().getTime();
    await this.fixture.control.advanceClock({ ms: 2_000 });
    if (page !== null) await this.fixture.control.pay(page);
  }

  /** Waits in parts. After each, what expires soon is spent and what is due may be distributed. */
  async #wait(days: number, step: Step): Promise<void> {
    if (days > DEBIT_DAYS) await this.#settleDebit("succeed");
    for (let left = days; left > 0; left -= LONGEST_WAIT_DAYS) {
      const part = Math.min(left, LONGEST_WAIT_DAYS);
      await this.#events.backfillBefore(part, step.server);
      // What the backfill has granted may expire in this wait, too.
      await this.#spendBefore(part + 1);
      const ms = left === days ? SLOT_MS : 0;
      await this.fixture.control.advanceClock({ days: part, ms });
      if (left <= LONGEST_WAIT_DAYS) return;
      await this.#events.deliverNew(step);
      if (step.runsCalls) await this.#runCalls(step.server);
      await this.#distribute(step.server);
      await this.#spend();
    }
  }

  async #runCalls(server: 0 | 1): Promise<void> {
    await runStripeCalls(this.#servers[server]);
  }

  async #distribute(server: 0 | 1): Promise<void> {
    const { clock } = this.#servers[server];
    await this.#events.deliverEnds(server);
    const deadlineMs = performance.now() + 60_000;
    const run = await distributeCredits(this.fixture.db, { now: clock(), deadlineMs, clock });
    expect(run.lastError).toBeNull();
    await this.#spend();
  }

  /** Delivers, backfills and runs everything until nothing is pending. */
  async #settle(): Promise<void> {
    await this.#settleDebit("succeed");
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const isQuiet = this.#events.isQuiet;
      await this.#events.deliverAll(round);
      await this.#makeCallsDue();
      for (const server of [0, 1] as const) await this.#runCalls(server);
      if (isQuiet && this.#events.isQuiet) break;
    }
    for (const server of [0, 1] as const) await this.#distribute(server);
    const { ownerSql } = this.fixture.database;
    const open = await ownerSql`
      select type, status, outcome, last_error from stripe_event
      where status not in ('handled', 'ignored')`;
    const calls = await ownerSql`
      select idempotency_key, status, last_error from outbox
      where kind = 'stripe' and status <> 'done'`;
    const pending = [...this.#events.waiting, ...open, ...calls].map((one) => JSON.stringify(one));
    if (pending.length > 0) throw new Error(`These cannot be handled:\n${pending.join("\n")}`);
  }

  /** A call that Stripe refused while a debit was processing waits hours for its next attempt. */
  async #makeCallsDue(): Promise<void> {
    await this.fixture.database.ownerSql`
      update outbox set next_attempt_at = created_at
      where kind = 'stripe' and status = 'pending' and leased_until is null`;
  }

  async #spend(): Promise<void> {
    if (this.history.spends === "at once") await this.#spendAll();
  }

  /** Spends everything if any of it expires within some days. */
  async #spendBefore(days: number): Promise<void> {
    const at = new Date(now().getTime() + days * millisecondsInDay + 3 * millisecondsInHour);
    const expiring = await this.fixture.database.ownerSql`
      select seq from credit_lot
      where user_id = ${this.userId} and remaining > 0 and expires_at <= ${at}`;
    if (expiring.length > 0) await this.#spendAll();
  }

  async #spendAll(): Promise<void> {
    const times = this.#servers.map(({ clock }) => clock().getTime());
    const latest = new Date(Math.max(...times));
    const { available } = await getBalance(this.fixture.db, { userId: this.userId, at: latest });
    if (available <= 0) return;
    this.#spends += 1;
    const spend = {
      userId: this.userId,
      key: `spend:${this.#spends}`,
      source: "test",
      now: latest,
    };
    await this.fixture.db.transaction((tx) => spendCredits(tx, { ...spend, amount: available }));
  }

  #facts(): Promise<StripeFacts> {
    return readStripeFacts(this.fixture.billing.stripe, {
      sessionIds: this.#sessionIds,
      failedAt: this.#failedAt,
      at: now().getTime(),
      deletedAt: this.#deletedAt,
    });
  }

  /**
   * Charges that can be refunded or disputed. Only our refund shows the oracle which of two lifetimes
   * stands, so that one runs first.
   */
  async #charges() {
    const { stripe } = this.fixture.billing;
    const lifetimes = (await this.#facts()).purchases.filter(({ item }) => item === "lifetime");
    if (lifetimes.length > 1) await this.#runCalls(0);
    const { purchases } = await this.#facts();
    const charges = [];
    for (const purchase of purchases) {
      if (purchase.reversals.some(({ isOurs }) => isOurs)) continue;
      for (const intent of purchase.paymentIntents) {
        const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent, {
          expand: ["latest_charge"],
        });
        if (charge === null || typeof charge === "string") continue;
        if (charge.disputed || charge.refunded || !charge.paid) continue;
        charges.push({ intent, cents: charge.amount, refundedCents: charge.amount_refunded });
      }
    }
    return charges;
  }

  async #releaseSchedule(id: string): Promise<void> {
    await this.fixture.billing.stripe.subscriptionSchedules.release(id);
  }

  async #liveSubscription(
    ...statuses: readonly Stripe.Subscription.Status[]
  ): Promise<Stripe.Subscription | undefined> {
    const { data } = await this.fixture.billing.stripe.subscriptions.list({
      status: "all",
      limit: 100,
    });
    return data.find((one) => statuses.includes(one.status));
  }
}

/** The price that a switch leads to: the other interval if the subscription has the plan already. */
function switchOf(priceId: string, to: SwitchItem) {
  const [, plan = "", interval = ""] = priceId.split("_");
  const other = interval === "monthly" ? "yearly" : "monthly";
  const wanted = `price_${to.replace("-", "_")}`;
  const isHeld = wanted === `price_${plan}_${interval}`;
  return { plan, interval, target: isHeld ? `price_${plan}_${other}` : wanted };
}

/** Whether its subscription was paid again, so that the purchase cannot return as before. */
function isContinued({ id, subscriptionId }: Purchase, purchases: readonly Purchase[]): boolean {
  const at = purchases.findIndex((one) => one.id === id);
  return purchases
    .slice(at + 1)
    .some((later) => subscriptionId !== null && later.subscriptionId === subscriptionId);
}

/** Whether a plan was paid after a purchase, which it may have replaced. */
function hasSuccessor({ id, item, paidAt }: Purchase, purchases: readonly Purchase[]): boolean {
  if (item === "pack") return false;
  return purchases.some(
    (later) => later.id !== id && later.item !== "pack" && later.paidAt >= paidAt,
  );
}

function sumOf(purchases: readonly { credits: number }[]): number {
  return purchases.reduce((sum, { credits }) => sum + credits, 0);
}

function pickOf<One>(all: readonly One[], pick: number): One | undefined {
  return all[pick % Math.max(1, all.length)];
}
