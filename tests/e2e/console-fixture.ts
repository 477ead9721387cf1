import { randomUUID } from "node:crypto";
import path from "node:path";
import type { Browser, Page } from "@playwright/test";
import { expect } from "@playwright/test";
import { addDays, subDays } from "date-fns";
import postgres from "postgres";
import type { Database } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { outbox, stripeEvent, user } from "@/db/schema";
import { spendCredits } from "@/ledger/debit";
import { openCreditAccount } from "@/ledger/grant";
import { holdCredits } from "@/ledger/hold";
import { revokeCredits } from "@/ledger/reverse";
import { provideFreeCredits } from "@/rewards/free-credits";
import { loadLocalSecrets } from "../../dev/laptop/local-secrets";
import { openOperatorDatabase } from "../../dev/operator/operator-database";
import { findRunningApp } from "../setup/running-app";
import { FREE_CREDITS_POLICY } from "../support/free-credits";
import { Visitor } from "./visitor";

/** The ids of everything the fixture creates. */
export interface ConsoleIds {
  /** Bought a pack, which was refunded, and a lifetime plan, whose dispute suspends its schedule. */
  readonly customer: string;
  readonly customerEmail: string;
  readonly holder: string;
  readonly debtor: string;
  readonly frozen: string;
  /** Signed up with an address that nobody can verify. */
  readonly withheld: string;
  readonly banned: string;
  readonly deleted: string;
  /** Has a due allotment that no run can grant before `repairFailing`. */
  readonly failing: string;
  /** Has drifted books until `repairDrift` and a reconciliation. */
  readonly drifting: string;
  /** A dead Stripe event of the customer's purchase, which a replay can handle. */
  readonly deadEvent: string;
  /** Dead Stripe events that no replay can handle. */
  readonly brokenEvents: readonly string[];
  /** The handled event of the dispute, which changed nearly every kind of row. */
  readonly doneEvent: string;
  /** Idempotency keys of dead outbox entries. */
  readonly deadEmails: readonly string[];
}

/**
 * One of everything that needs an operator, in the running site. Purchases, refunds and disputes go
 * through the browser and the simulator; failures are written to the tables directly.
 */
export class ConsoleFixture {
  private constructor(
    readonly of: ConsoleIds,
    private readonly db: Database,
    private readonly owner: postgres.Sql,
    private readonly closing: () => Promise<void>,
  ) {}

  static async make(browser: Browser): Promise<ConsoleFixture> {
    const { db, url, close } = await openOperatorDatabase();
    const secrets = await loadLocalSecrets(path.resolve(process.env.QIFLOW_DATA_DIR ?? ""));
    const ownerUrl = new URL(url);
    ownerUrl.username = "qiflow_owner";
    ownerUrl.password = secrets.postgresOwner;
    const owner = postgres(ownerUrl.href, { max: 1, onnotice: () => {} });
    const { customer, email } = await buyAndReverse(browser, owner);
    const users = await createUsers(db, owner);
    const deadEntries = await createDeadEntries(db, owner, customer);
    const of = { customer, customerEmail: email, ...users, ...deadEntries };
    return new ConsoleFixture(of, db, owner, close);
  }

  /** One user of each kind. */
  get users(): Readonly<Record<string, string>> {
    const { customer, holder, debtor, frozen, banned, deleted, failing, drifting } = this.of;
    return { customer, holder, debtor, frozen, banned, deleted, failing, drifting };
  }

  /** Runs the distribution like the scheduler. */
  async distribute(page: Page): Promise<void> {
    const { appUrl, cronSecret } = await findRunningApp();
    const response = await page.request.get(`${appUrl}/api/distribute-credits`, {
      headers: { authorization: `Bearer ${cronSecret}` },
      timeout: 120_000,
    });
    expect(response.status()).toBe(200);
  }

  /** Blocks the grant of a due allotment of a new user until `work` ends. Reads are not blocked. */
  async whileGrantsAreBlocked(work: (dueUserId: string) => Promise<void>): Promise<void> {
    const due = await signUp(this.db, "due", longAgo());
    await this.owner.begin(async (sql) => {
      await sql`lock table credit_schedule in exclusive mode`;
      await work(due);
    });
  }

  /** Lets the failing user's allotment be granted. */
  async repairFailing(): Promise<void> {
    await this.owner`drop trigger if exists fixture_refuses on credit_transaction`;
  }

  /** Balances the drifting user's books. */
  async repairDrift(): Promise<void> {
    await this.owner`update credit_account set balance = 120 where user_id = ${this.of.drifting}`;
  }

  /** Restores what other tests rely on and removes everything that needs an operator. */
  async close(): Promise<void> {
    await this.repairFailing();
    await this.repairDrift();
    await this.owner`delete from distribution_failure where user_id = ${this.of.failing}`;
    await this.owner`delete from stripe_event where id like 'evt_fixture%'`;
    await this.owner`update stripe_event set status = 'handled', outcome = null, attempts = 1
      where id = ${this.of.deadEvent} and status = 'dead'`;
    await this.owner`delete from outbox where idempotency_key like 'fixture:%'`;
    await this.owner`update credit_account set frozen_at = null, frozen_reason = null`;
    await this.owner.end();
    await this.closing();
  }
}

/** Buys a pack and a lifetime plan in the browser, then refunds the pack and disputes the plan. */
async function buyAndReverse(browser: Browser, owner: postgres.Sql) {
  const visitor = new Visitor(await browser.newPage(), "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.buyPack("basic");
  await visitor.pay();
  await visitor.expectPurchase(220);
  await visitor.open("/pricing");
  const { page } = visitor;
  await visitor.buyPlan("lifetime");
  await visitor.pay();
  await visitor.expectPurchase(1220);
  const [bought] = await owner<{ id: string }[]>`
    select id from "user" where email = ${visitor.email}`;
  const customer = bought?.id ?? "";
  // Newest first: the charge of the lifetime plan, then the charge of the pack.
  const { simulatorUrl } = await findRunningApp();
  await page.goto(simulatorUrl);
  await page
    .getByTestId(/^refund-/)
    .nth(1)
    .click();
  await page.waitForLoadState();
  await page
    .getByTestId(/^dispute-/)
    .first()
    .click();
  await page.waitForLoadState();
  await expect
    .poll(() => reversalsOf(owner, customer), { timeout: 60_000 })
    .toEqual({ refunded: 990, disputed: 19_900, suspended: 1 });
  await page.close();
  return { customer, email: visitor.email };
}

async function reversalsOf(owner: postgres.Sql, userId: string) {
  const [row] = await owner`
    select sum(refunded_cents)::int as refunded, sum(disputed_cents)::int as disputed,
      (select count(*)::int from credit_schedule
        where user_id = ${userId} and suspended_at is not null) as suspended
    from payment where user_id = ${userId}`;
  return row;
}

/** Long enough ago that a free allotment is due again. */
function longAgo(): Date {
  return subDays(new Date(), 40);
}

async function createUsers(db: Database, owner: postgres.Sql) {
  const now = new Date();
  const createdAt = subDays(now, 1);
  const holder = await signUp(db, "holder", createdAt);
  const debtor = await signUp(db, "debtor", createdAt);
  const frozen = await signUp(db, "frozen", createdAt);
  const banned = await signUp(db, "banned", createdAt);
  const deleted = await signUp(db, "deleted", createdAt);
  const drifting = await signUp(db, "drifting", createdAt);
  const failing = await signUp(db, "failing", longAgo());
  const withheld = await signUpWithoutMailbox(db, createdAt);
  const expiresAt = addDays(now, 300);
  const held = {
    key: "reading:fixture:hold",
    source: "reading:fixture",
    amount: 10,
    expiresAt,
    now,
  };
  await db.transaction((tx) => holdCredits(tx, { ...held, userId: holder }));
  const spent = { key: "reading:fixture:spend", source: "reading:fixture", amount: 120, now };
  await db.transaction((tx) => spendCredits(tx, { ...spent, userId: debtor }));
  const taken = { key: "refund:fixture:revoke", source: "checkout:fixture", amount: 30, now };
  await db.transaction((tx) => revokeCredits(tx, { ...taken, userId: debtor }));
  await owner`update credit_account set frozen_at = ${now}, frozen_reason = 'the books drifted'
    where user_id = ${frozen}`;
  await owner`update "user" set banned = true, ban_reason = 'a chargeback ring' where id = ${banned}`;
  await owner`update "user" set deleted_at = ${now} where id = ${deleted}`;
  await owner`update credit_account set balance = balance + 5 where user_id = ${drifting}`;
  await refuseGrants(owner, failing);
  return { holder, debtor, frozen, banned, deleted, failing, drifting, withheld };
}

async function signUp(db: Database, name: string, createdAt: Date): Promise<string> {
  const id = `fixture-${name}-${randomUUID()}`;
  await db.insert(user).values({ id, name, email: `${id}@people.example`, createdAt });
  await db.transaction((tx) => openCreditAccount(tx, { userId: id, now: createdAt }));
  return id;
}

async function signUpWithoutMailbox(db: Database, createdAt: Date): Promise<string> {
  const id = `fixture-withheld-${randomUUID()}`;
  await db.insert(user).values({ id, name: "withheld", email: `${id}@nobody.invalid`, createdAt });
  const networkAddress = "203.0.113.7";
  const policy = FREE_CREDITS_POLICY;
  // The product's messages are JSON modules, which Playwright cannot load, so this is not `provisionAccount`.
  await db.transaction(async (tx) => {
    const person = await lockUser(tx, id);
    if (person === null) throw new Error(`There is no user ${id}.`);
    await provideFreeCredits(tx, { person, networkAddress, policy, now: createdAt });
  });
  return id;
}

async function refuseGrants(owner: postgres.Sql, userId: string): Promise<void> {
  await owner.unsafe(`
    create or replace function fixture_refuses() returns trigger language plpgsql as $$
    begin raise exception 'the fixture refuses this grant'; end $$;
    create or replace trigger fixture_refuses before insert on credit_transaction
    for each row when (new.user_id = '${userId}') execute function fixture_refuses()`);
}

async function createDeadEntries(db: Database, owner: postgres.Sql, customer: string) {
  const now = new Date();
  const brokenEvents = [1, 2, 3].map(() => `evt_fixture${randomUUID().replaceAll("-", "")}`);
  await db.insert(stripeEvent).values(
    brokenEvents.map((id) => ({
      id,
      type: "invoice.paid",
      livemode: false,
      payload: { id },
      status: "dead" as const,
      attempts: 8,
      outcome: "dead-lettered after repeated errors",
      lastError: "no envelope",
      createdAt: now,
      receivedAt: now,
      firstAttemptAt: now,
    })),
  );
  const [event] = await owner<{ id: string }[]>`
    update stripe_event set status = 'dead', outcome = 'dead-lettered after repeated errors', attempts = 8
    where id = (select id from stripe_event where user_id = ${customer}
      and type = 'checkout.session.completed' order by received_at limit 1)
    returning id`;
  const deadEmails = [1, 2].map((n) => `fixture:mail:${n}:${randomUUID()}`);
  await db.insert(outbox).values(
    deadEmails.map((idempotencyKey) => ({
      kind: "email" as const,
      idempotencyKey,
      userId: customer,
      status: "dead" as const,
      payload: { template: "low-balance", to: "nobody@people.example" },
      attempts: 8,
      lastError: "the mailbox is full",
      createdAt: now,
      nextAttemptAt: now,
    })),
  );
  const [dispute] = await owner<{ id: string }[]>`
    select id from stripe_event where user_id = ${customer} and type = 'charge.dispute.created'`;
  const doneEvent = dispute?.id ?? "";
  return { brokenEvents, deadEvent: event?.id ?? "", doneEvent, deadEmails };
}
