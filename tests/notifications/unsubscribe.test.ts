import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { notificationPreference } from "@/db/schema";
import { deliverEmails } from "@/emails/deliver-emails";
import type { Mail } from "@/emails/email-provider";
import { enqueueEmail } from "@/emails/enqueue-email";
import { resendEmailProvider } from "@/emails/resend-provider";
import { signUnsubscribe, unsubscribeLink, verifyUnsubscribe } from "@/emails/unsubscribe-link";
import { InvalidInput } from "@/lib/errors";
import { getPreferences } from "@/notifications/preferences";
import { readSubscription, setSubscription } from "@/notifications/unsubscribe";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { NOW, somebody } from "./people";

const SECRET = "a secret of at least thirty-two characters";
const APP_URL = "https://qiflow.example";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const turn = (token: string, isOn: boolean) =>
  setSubscription(database.db, { token, secret: SECRET, isOn, now: NOW });

describe("the token", () => {
  it("says whom and what it is about, whatever the id contains", () => {
    for (const userId of ["u1", "a.b.c", "林月"]) {
      const about = { userId, template: "low-balance" } as const;
      expect(verifyUnsubscribe(signUnsubscribe(about, SECRET), SECRET)).toEqual(about);
    }
  });

  it("is refused when forged, cut, for somebody else, or signed with another secret", () => {
    const mine = signUnsubscribe({ userId: "me", template: "low-balance" }, SECRET);
    const yours = signUnsubscribe({ userId: "you", template: "low-balance" }, SECRET);
    const forged = `${yours.split(".")[0]}.${mine.split(".")[1]}`;
    const foreign = signUnsubscribe({ userId: "me", template: "low-balance" }, "another secret");
    const endless = `${mine}.more`;
    for (const token of ["", ".", "nonsense", mine.slice(0, -1), forged, foreign, endless]) {
      expect(verifyUnsubscribe(token, SECRET), token).toBeNull();
    }
  });
});

describe("unsubscribing", () => {
  it("turns off the mails of one kind, and only these; twice is once; on again works", async () => {
    const userId = await somebody(database);
    const token = signUnsubscribe({ userId, template: "credits-expiring" }, SECRET);
    const now = () => readSubscription(database.db, { token, secret: SECRET });
    expect(await now()).toEqual({ template: "credits-expiring", isOn: true });
    await turn(token, false);
    await turn(token, false);
    expect(await now()).toEqual({ template: "credits-expiring", isOn: false });
    expect(await getPreferences(database.db, userId)).toEqual({
      expiringByEmail: false,
      expiringInApp: true,
      lowBalanceByEmail: true,
      lowBalanceInApp: true,
    });
    await turn(token, true);
    expect(await now()).toEqual({ template: "credits-expiring", isOn: true });
  });

  it("is refused for a forged token and changes nothing", async () => {
    const userId = await somebody(database);
    const token = signUnsubscribe({ userId, template: "credits-expiring" }, "another secret");
    await expect(turn(token, false)).rejects.toThrow(InvalidInput);
    expect(await readSubscription(database.db, { token, secret: SECRET })).toBeNull();
    expect((await getPreferences(database.db, userId)).expiringByEmail).toBe(true);
  });

  it("leaves nothing behind for a deleted account", async () => {
    const userId = await somebody(database, { deletedAt: NOW });
    await turn(signUnsubscribe({ userId, template: "low-balance" }, SECRET), false);
    const rows = await database.db
      .select()
      .from(notificationPreference)
      .where(eq(notificationPreference.userId, userId));
    expect(rows).toEqual([]);
  });
});

describe("a mail", () => {
  async function deliver(key: string, email: "low-balance" | "account-deleted", userId: string) {
    const address = { userId, to: "mei@people.example", locale: "zh-CN", key, now: NOW } as const;
    await (email === "low-balance"
      ? enqueueEmail(database.db, {
          template: email,
          props: { name: "Mei", available: 5, readingCost: 10 },
          ...address,
        })
      : enqueueEmail(database.db, { template: email, props: { name: "Mei" }, ...address }));
    const mails: Mail[] = [];
    const post = { appUrl: APP_URL, unsubscribeSecret: SECRET, keepsLinks: false };
    const send = async (mail: Mail) => {
      mails.push(mail);
    };
    await deliverEmails(database.db, { post: { ...post, send }, now: NOW });
    const [mail] = mails;
    if (mail === undefined) throw new Error("no mail went out");
    return mail;
  }

  it("that is optional carries both links, and the link works", async () => {
    const userId = await somebody(database);
    const mail = await deliver("optional", "low-balance", userId);
    const link = unsubscribeLink(
      { template: "low-balance", locale: "zh-CN" },
      { userId, appUrl: APP_URL, secret: SECRET },
    );
    expect(link?.pageUrl).toContain(`${APP_URL}/zh/unsubscribe?token=`);
    expect(mail.oneClickUrl).toBe(link?.oneClickUrl);
    expect(mail.text).toContain(`不再接收此类邮件：\n${link?.pageUrl}`);
    expect(mail.html).toContain(`href="${link?.pageUrl}"`);
    await turn(new URL(mail.oneClickUrl ?? "").searchParams.get("token") ?? "", false);
    expect((await getPreferences(database.db, userId)).lowBalanceByEmail).toBe(false);
  });

  it("that must be sent carries none", async () => {
    const mail = await deliver("needed", "account-deleted", await somebody(database));
    expect(mail.oneClickUrl).toBeNull();
    expect(mail.html + mail.text).not.toContain("unsubscribe");
  });
});

describe("what Resend is told", () => {
  it("is the one-click headers of an optional mail, and none for another", async () => {
    const heard: { headers: IncomingHttpHeaders; body: unknown }[] = [];
    const server = createServer(async (request, response) => {
      const body: unknown = JSON.parse((await request.toArray()).join(""));
      heard.push({ headers: request.headers, body });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "mail_1" }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    vi.stubEnv("RESEND_BASE_URL", `http://127.0.0.1:${address.port}`);
    try {
      const post = resendEmailProvider({
        ...{ apiKey: "re_test", from: "QiFlow <hello@qiflow.example>" },
        ...{ appUrl: APP_URL, unsubscribeSecret: SECRET },
      });
      const mail = { to: "mei@people.example", subject: "s", html: "h", text: "t" };
      await post.send({ ...mail, idempotencyKey: "email:1", oneClickUrl: `${APP_URL}/off` });
      await post.send({ ...mail, idempotencyKey: "email:2", oneClickUrl: null });
    } finally {
      server.close();
      vi.unstubAllEnvs();
    }
    expect(heard[0]?.headers["idempotency-key"]).toBe("email:1");
    expect(heard[0]?.body).toMatchObject({
      headers: {
        "List-Unsubscribe": `<${APP_URL}/off>`,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      },
    });
    expect(heard[1]?.body).not.toHaveProperty(["headers", "List-Unsubscribe"]);
  });
});
