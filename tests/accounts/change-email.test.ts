import { addHours, addMinutes } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  confirmEmailChange,
  EmailTaken,
  isPendingEmailChange,
  requestEmailChange,
} from "@/accounts/change-email";
import { deleteAccount } from "@/accounts/delete-account";
import { provisionAccount } from "@/accounts/sign-up";
import { listSignInEvents } from "@/auth/sign-in-events";
import { ensureCustomer } from "@/billing/checkout/customer";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { account, twoFactor, user, verification } from "@/db/schema";
import { deliverEmails } from "@/emails/deliver-emails";
import type { OutgoingEmail } from "@/emails/email-provider";
import { renderEmail } from "@/emails/render-email";
import { getBalance } from "@/ledger/reads/balance";
import { InvalidInput, NotFound, ProofRequired, RateLimited } from "@/lib/errors";
import {
  APP_URL,
  Browser,
  findUser,
  PASSWORD,
  SECRET,
  signedInAt,
  signUp,
} from "../auth/auth-fixture";
import { emailsOf, linkIn, resetTokenOf } from "../auth/emails-fixture";
import { BillingFixture } from "../billing/billing-fixture";
import { FREE_CREDITS_POLICY } from "../support/free-credits";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(async () => {
  await fixture.close();
});

async function createOwner(name: string) {
  const email = `${name}@example.com`;
  const owner = await signUp(fixture.db, email);
  return { ...owner, email };
}
type Owner = Awaited<ReturnType<typeof createOwner>>;

const request = (
  { userId, email }: Owner,
  newEmail: string,
  password = PASSWORD,
  session = signedInAt(new Date()),
) =>
  requestEmailChange(fixture.db, {
    user: { id: userId, email },
    newEmail,
    password,
    isCurrentPassword: async (given) => given === PASSWORD,
    session,
    appUrl: APP_URL,
    secret: SECRET,
    now: new Date(),
  });

/** The link in the email to the new address. */
async function linkOf({ userId }: Owner) {
  const url = await linkIn(fixture.db, { userId, template: "verify-new-email" });
  expect(url.pathname).toBe("/settings/email");
  return { to: url.searchParams.get("to") ?? "", token: url.searchParams.get("token") ?? "" };
}

const DEVICE = {
  userAgent: "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36",
  address: "203.0.113.7",
};

const confirm = (userId: string, link: { to: string; token: string }, now = new Date()) =>
  confirmEmailChange(fixture.db, {
    device: DEVICE,
    userId,
    link,
    secret: SECRET,
    policy: FREE_CREDITS_POLICY,
    now,
  });

describe("a change of address", () => {
  it("happens once the new address confirms it, and notifies both", async () => {
    const owner = await createOwner("mover");
    await request(owner, "moved@example.com");
    expect(await findUser(fixture.db, owner.email)).toMatchObject({ emailVerified: false });
    const link = await linkOf(owner);
    await confirm(owner.userId, link);
    expect(await findUser(fixture.db, "moved@example.com")).toMatchObject({
      id: owner.userId,
      emailVerified: true,
    });
    const [event] = await listSignInEvents(fixture.db, { userId: owner.userId, limit: 1 });
    expect(event).toMatchObject({
      kind: "address-changed",
      browser: "Chrome",
      system: "Windows",
      network: "203.0.113.0/24",
    });
    const emails = await emailsOf(fixture.db, owner.userId);
    const sent = emails.map(({ template, to }) => `${template} to ${to}`).toSorted();
    expect(sent).toEqual([
      "email-change-requested to mover@example.com",
      "email-changed to mover@example.com",
      "verify-email to mover@example.com",
      "verify-new-email to moved@example.com",
    ]);
    const signIn = (email: string) =>
      new Browser(owner.auth).post("/sign-in/email", { email, password: PASSWORD });
    expect((await signIn("moved@example.com")).status).toBe(200);
    expect((await signIn("mover@example.com")).status).toBe(401);
    expect(await (await owner.browser.get("/api/auth/get-session")).text()).not.toBe("null");
  });

  it("mails no text that the person typed, except in the link", async () => {
    const owner = await createOwner("typed.name");
    await request(owner, "new.typed@example.com");
    await confirm(owner.userId, await linkOf(owner));
    for (const email of await emailsOf(fixture.db, owner.userId)) {
      const { subject, text } = await renderEmail(email, { appUrl: APP_URL });
      const visible = subject + text.replaceAll(/https?:\S+/g, "");
      expect(visible).not.toContain("typed");
    }
  });

  it("deletes the link from the outbox once it is sent", async () => {
    const owner = await createOwner("redacted");
    await request(owner, "redacted-new@example.com");
    const emails: OutgoingEmail[] = [];
    const emailProvider = {
      appUrl: APP_URL,
      unsubscribeSecret: SECRET,
      keepsLinks: false,
      send: async (email: OutgoingEmail) => void emails.push(email),
    };
    await deliverEmails(fixture.db, { emailProvider, now: new Date() });
    const [email] = emails.filter(({ to }) => to === "redacted-new@example.com");
    expect(email?.text).toContain("/settings/email?to=redacted-new%40example.com&token=");
    await expect(linkOf(owner)).rejects.toThrow();
  });

  it("asks for the password, or for a recent sign-in if there is none", async () => {
    const owner = await createOwner("careful");
    await expect(request(owner, "other@example.com", "wrong")).rejects.toThrow(InvalidInput);
    await fixture.db.delete(account).where(eq(account.userId, owner.userId));
    const longAgo = signedInAt(addMinutes(new Date(), -16));
    const late = request(owner, "other@example.com", "", longAgo);
    await expect(late).rejects.toThrow(ProofRequired);
    await request(owner, "other@example.com", "");
  });

  it("asks for the second factor as well if there is one", async () => {
    const owner = await createOwner("enrolled");
    const app = { id: owner.userId, userId: owner.userId, secret: "secret", backupCodes: "codes" };
    await fixture.db.insert(twoFactor).values(app);
    const isOwner = eq(user.id, owner.userId);
    await fixture.db.update(user).set({ twoFactorEnabled: true }).where(isOwner);
    await expect(request(owner, "factor@example.com")).rejects.toThrow(ProofRequired);
    const now = new Date();
    const confirmed = { ...signedInAt(now), secondFactorAt: now };
    const wrong = request(owner, "factor@example.com", "wrong", confirmed);
    await expect(wrong).rejects.toThrow(InvalidInput);
    await request(owner, "factor@example.com", PASSWORD, confirmed);
  });

  it("is confirmed only in the account that requested it", async () => {
    const [owner, victim] = [await createOwner("hanger"), await createOwner("bystander")];
    await request(owner, "hung@example.com");
    const link = await linkOf(owner);
    await expect(confirm(victim.userId, link)).rejects.toThrow(NotFound);
    const other = { ...link, to: "elsewhere@example.com" };
    await expect(confirm(owner.userId, other)).rejects.toThrow(NotFound);
    await confirm(owner.userId, link);
  });

  it("is confirmed once, within a day, and by the newest link only", async () => {
    const owner = await createOwner("indecisive");
    await request(owner, "first@example.com");
    const first = await linkOf(owner);
    await request(owner, "second@example.com");
    await expect(confirm(owner.userId, first)).rejects.toThrow(NotFound);
    const url = await linkIn(fixture.db, { userId: owner.userId, template: "verify-new-email" });
    const second = { to: "second@example.com", token: url.searchParams.get("token") ?? "" };
    const query = { userId: owner.userId, link: second, secret: SECRET };
    const tomorrow = addHours(new Date(), 25);
    expect(await isPendingEmailChange(fixture.db, { ...query, now: tomorrow })).toBe(false);
    await expect(confirm(owner.userId, second, tomorrow)).rejects.toThrow(NotFound);
    expect(await isPendingEmailChange(fixture.db, { ...query, now: new Date() })).toBe(true);
    await confirm(owner.userId, second);
    await expect(confirm(owner.userId, second)).rejects.toThrow(NotFound);
  });

  it("refuses an address that another account has, also when both take it at once", async () => {
    const [one, two] = [await createOwner("one"), await createOwner("two")];
    await expect(request(one, two.email)).rejects.toThrow(EmailTaken);
    await request(one, "wanted@example.com");
    await request(two, "wanted@example.com");
    const links = [await linkOf(one), await linkOf(two)] as const;
    const results = await Promise.allSettled([
      confirm(one.userId, links[0]),
      confirm(two.userId, links[1]),
    ]);
    const [refused, ...others] = results.filter(({ status }) => status === "rejected");
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ reason: expect.any(EmailTaken) });
  });

  it("ends the reset links in the former mailbox", async () => {
    const owner = await createOwner("former");
    await owner.browser.post("/request-password-reset", { email: owner.email });
    const token = await resetTokenOf(fixture.db, owner.email);
    await request(owner, "latter@example.com");
    await confirm(owner.userId, await linkOf(owner));
    const rows = await fixture.db
      .select()
      .from(verification)
      .where(eq(verification.value, owner.userId));
    expect(rows).toEqual([]);
    const body = { token, newPassword: "a different good password" };
    expect((await new Browser(owner.auth).post("/reset-password", body)).status).toBe(400);
  });

  it("is limited for each user and for each new address", async () => {
    const owner = await createOwner("eager");
    for (let nth = 0; nth < 5; nth += 1) await request(owner, `eager-${nth}@example.com`);
    await expect(request(owner, "eager-6@example.com")).rejects.toThrow(RateLimited);
    for (let nth = 0; nth < 4; nth += 1) {
      await request(await createOwner(`flood-${nth}`), "flooded@example.com");
    }
    const fifth = await createOwner("flood-4");
    await expect(request(fifth, "flooded@example.com")).rejects.toThrow(RateLimited);
  });

  it("reaches the Stripe customer", async () => {
    const owner = await createOwner("payer");
    const customerId = await ensureCustomer(fixture.billing, owner.userId);
    await request(owner, "payer-new@example.com");
    await confirm(owner.userId, await linkOf(owner));
    await runStripeCalls(fixture.billing);
    const customer = await fixture.billing.stripe.customers.retrieve(customerId);
    expect(customer).toMatchObject({ email: "payer-new@example.com" });
  });

  it("gives no second gift to an address that had one", async () => {
    const balanceOf = async ({ userId }: Owner) => {
      await provisionAccount(fixture.db, { userId, policy: FREE_CREDITS_POLICY, now: new Date() });
      return (await getBalance(fixture.db, { userId, now: new Date() })).available;
    };
    const first = await createOwner("returning");
    expect(await balanceOf(first)).toBe(120);
    await fixture.db.update(user).set({ emailVerified: true }).where(eq(user.id, first.userId));
    await deleteAccount(fixture.db, { userId: first.userId, now: new Date() });
    for (const [to, credits] of [
      ["returning@example.com", 0],
      ["fresh@example.com", 120],
    ] as const) {
      const email = `${to.replace("@", "-")}@mailinator.com`;
      const disposable = { ...(await signUp(fixture.db, email)), email };
      expect(await balanceOf(disposable)).toBe(0);
      await request(disposable, to);
      await confirm(disposable.userId, await linkOf(disposable));
      expect(await balanceOf(disposable)).toBe(credits);
    }
  });

  it("leaves a deleted account alone", async () => {
    const owner = await createOwner("leaving");
    await request(owner, "left@example.com");
    const link = await linkOf(owner);
    await fixture.db.update(user).set({ deletedAt: new Date() }).where(eq(user.id, owner.userId));
    await expect(confirm(owner.userId, link)).rejects.toThrow(NotFound);
  });
});
