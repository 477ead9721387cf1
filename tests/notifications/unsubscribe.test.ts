import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { notificationPreference } from "@/db/schema";
import { deliverEmails } from "@/emails/deliver-emails";
import {
  type EmailProvider,
  type OutgoingEmail,
  resendEmailProvider,
} from "@/emails/email-provider";
import { enqueueEmail } from "@/emails/enqueue-email";
import { signUnsubscribe, unsubscribeLink, verifyUnsubscribe } from "@/emails/unsubscribe-link";
import { InvalidInput } from "@/lib/errors";
import { getPreferences } from "@/notifications/preferences";
import { readSubscription, setSubscription } from "@/notifications/unsubscribe";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { createUser, NOW } from "./notification-fixture";

const SECRET = "a secret of at least thirty-two characters";
const APP_URL = "https://qiflow.example";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const turn = (token: string, isOn: boolean) =>
  setSubscription(database.db, { token, secret: SECRET, isOn, now: NOW });

describe("verifyUnsubscribe", () => {
  it("returns the user and the kind of email, whatever the id contains", () => {
    for (const userId of ["u1", "a.b.c", "林月"]) {
      const subject = { userId, template: "low-balance" } as const;
      expect(verifyUnsubscribe(signUnsubscribe(subject, SECRET), SECRET)).toEqual(subject);
    }
  });

  it("rejects tokens that are forged, truncated, extended or signed with another secret", () => {
    const ownToken = signUnsubscribe({ userId: "me", template: "low-balance" }, SECRET);
    const otherToken = signUnsubscribe({ userId: "you", template: "low-balance" }, SECRET);
    const forged = `${otherToken.split(".")[0]}.${ownToken.split(".")[1]}`;
    const foreign = signUnsubscribe({ userId: "me", template: "low-balance" }, "another secret");
    const endless = `${ownToken}.more`;
    for (const token of ["", ".", "nonsense", ownToken.slice(0, -1), forged, foreign, endless]) {
      expect(verifyUnsubscribe(token, SECRET), token).toBeNull();
    }
  });
});

describe("setSubscription", () => {
  it("turns one kind of email off and on, idempotently", async () => {
    const userId = await createUser(database);
    const token = signUnsubscribe({ userId, template: "credits-expiring" }, SECRET);
    const read = () => readSubscription(database.db, { token, secret: SECRET });
    expect(await read()).toEqual({ template: "credits-expiring", isOn: true });
    await turn(token, false);
    await turn(token, false);
    expect(await read()).toEqual({ template: "credits-expiring", isOn: false });
    expect(await getPreferences(database.db, userId)).toEqual({
      expiringByEmail: false,
      expiringInApp: true,
      lowBalanceByEmail: true,
      lowBalanceInApp: true,
      lowBalanceThreshold: null,
    });
    await turn(token, true);
    expect(await read()).toEqual({ template: "credits-expiring", isOn: true });
  });

  it("rejects a forged token and changes nothing", async () => {
    const userId = await createUser(database);
    const token = signUnsubscribe({ userId, template: "credits-expiring" }, "another secret");
    await expect(turn(token, false)).rejects.toThrow(InvalidInput);
    expect(await readSubscription(database.db, { token, secret: SECRET })).toBeNull();
    expect((await getPreferences(database.db, userId)).expiringByEmail).toBe(true);
  });

  it("writes nothing for a deleted account", async () => {
    const userId = await createUser(database, { deletedAt: NOW });
    await turn(signUnsubscribe({ userId, template: "low-balance" }, SECRET), false);
    const rows = await database.db
      .select()
      .from(notificationPreference)
      .where(eq(notificationPreference.userId, userId));
    expect(rows).toEqual([]);
  });
});

describe("deliverEmails", () => {
  async function deliver(key: string, email: "low-balance" | "account-deleted", userId: string) {
    const address = { userId, to: "mei@people.example", locale: "zh-CN", key, now: NOW } as const;
    await (email === "low-balance"
      ? enqueueEmail(database.db, {
          template: email,
          props: { available: 5, cost: 10 },
          ...address,
        })
      : enqueueEmail(database.db, { template: email, props: {}, ...address }));
    const emails: OutgoingEmail[] = [];
    const emailProvider: EmailProvider = {
      appUrl: APP_URL,
      unsubscribeSecret: SECRET,
      keepsLinks: false,
      send: async (sent) => void emails.push(sent),
    };
    await deliverEmails(database.db, { emailProvider, now: NOW });
    const [sent] = emails;
    if (sent === undefined) throw new Error("no email was sent");
    return sent;
  }

  it("adds working unsubscribe links to an optional email", async () => {
    const userId = await createUser(database);
    const email = await deliver("optional", "low-balance", userId);
    const link = unsubscribeLink(
      { template: "low-balance", locale: "zh-CN" },
      { userId, appUrl: APP_URL, secret: SECRET },
    );
    expect(link?.pageUrl).toContain(`${APP_URL}/zh/unsubscribe?token=`);
    expect(email.oneClickUrl).toBe(link?.oneClickUrl);
    expect(email.text).toContain(`退订此类邮件：\n${link?.pageUrl}`);
    expect(email.html).toContain(`href="${link?.pageUrl}"`);
    await turn(new URL(email.oneClickUrl ?? "").searchParams.get("token") ?? "", false);
    expect((await getPreferences(database.db, userId)).lowBalanceByEmail).toBe(false);
  });

  it("adds no unsubscribe links to a mandatory email", async () => {
    const email = await deliver("needed", "account-deleted", await createUser(database));
    expect(email.oneClickUrl).toBeNull();
    expect(email.html + email.text).not.toContain("unsubscribe");
  });
});

describe("resendEmailProvider", () => {
  it("sends one-click headers for an optional email only", async () => {
    const requests: { headers: IncomingHttpHeaders; body: unknown }[] = [];
    const server = createServer(async (request, response) => {
      const body: unknown = JSON.parse((await request.toArray()).join(""));
      requests.push({ headers: request.headers, body });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "mail_1" }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    vi.stubEnv("RESEND_BASE_URL", `http://127.0.0.1:${address.port}`);
    try {
      const emailProvider = resendEmailProvider({
        apiKey: "re_test",
        from: "QiFlow <hello@qiflow.example>",
        appUrl: APP_URL,
        unsubscribeSecret: SECRET,
      });
      const email = { to: "mei@people.example", subject: "s", html: "h", text: "t" };
      await emailProvider.send({
        ...email,
        idempotencyKey: "email:1",
        oneClickUrl: `${APP_URL}/off`,
      });
      await emailProvider.send({ ...email, idempotencyKey: "email:2", oneClickUrl: null });
    } finally {
      server.close();
      vi.unstubAllEnvs();
    }
    expect(requests[0]?.headers["idempotency-key"]).toBe("email:1");
    expect(requests[0]?.body).toMatchObject({
      headers: {
        "List-Unsubscribe": `<${APP_URL}/off>`,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      },
    });
    expect(requests[1]?.body).not.toHaveProperty(["headers", "List-Unsubscribe"]);
  });
});
