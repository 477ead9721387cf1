import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  isBreachedPassword,
  isCommonPassword,
  isPersonalPassword,
} from "@/auth/guessable-passwords";
import { createTestDatabase, type TestDatabase } from "../support/database";
import {
  Browser,
  createTestAuth,
  errorCodeOf,
  PASSWORD,
  signUp,
  signUpInput,
} from "./auth-fixture";
import { resetTokenOf } from "./emails-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("isCommonPassword", () => {
  it.each([
    "password",
    "Password1!",
    "12345678",
    "87654321",
    "aaaaaaaa",
    "88888888",
    "abcabcabc",
    "abcdefgh",
    "ＰＡＳＳＷＯＲＤ",
    "qwertyuiop",
    "dragon2019!",
    "woaini1314",
    "5201314mei",
  ])("is true for %s", (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  it.each([
    "correct horse battery",
    "yet another password",
    "我喜欢在雨天喝茶",
    "x7#kQ2!vLp",
    "dragon-fruit-and-tea",
    "1password-is-not-mine",
  ])("is false for %s", (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });
});

describe("isPersonalPassword", () => {
  const email = "Mei.Lin@example.com";

  it.each(["mei.lin@example.com", "MEI.LIN123", "qiflow2026", "QiFlowQiFlow"])(
    "is true for %s",
    (password) => {
      expect(isPersonalPassword(password, email)).toBe(true);
    },
  );

  it.each(["qiflow is where I read charts", "linmei and her cat"])(
    "is false for %s",
    (password) => {
      expect(isPersonalPassword(password, email)).toBe(false);
    },
  );
});

describe("a guessable password", () => {
  const GUESSABLE = [
    ["password", "PASSWORD_COMMON"],
    ["aaaaaaaa", "PASSWORD_COMMON"],
    ["in a breach", "PASSWORD_BREACHED"],
  ] as const;
  const createAuth = () =>
    createTestAuth(database.db, {
      isBreachedPassword: (password) => Promise.resolve(password === "in a breach"),
    });

  it.each(GUESSABLE)("is refused at sign-up: %s", async (password, code) => {
    const input = { ...signUpInput("new@example.com"), password };
    const response = await new Browser(createAuth()).post("/sign-up/email", input);
    expect(response.status).toBe(400);
    expect(await errorCodeOf(response)).toBe(code);
  });

  it("is refused when a password is changed or reset", async () => {
    const email = "changer.lin@example.com";
    const { browser } = await signUp(database.db, email, createAuth());
    await browser.post("/request-password-reset", { email });
    const token = await resetTokenOf(database.db, email);
    for (const [newPassword, code] of [...GUESSABLE, [email, "PASSWORD_PERSONAL"]] as const) {
      const body = { currentPassword: PASSWORD, newPassword };
      const changed = await browser.post("/change-password", body);
      expect([changed.status, await errorCodeOf(changed)]).toEqual([400, code]);
      const reset = await browser.post("/reset-password", { token, newPassword });
      expect([reset.status, await errorCodeOf(reset)]).toEqual([400, code]);
    }
    const set = await browser.post("/reset-password", { token, newPassword: "a good new one" });
    expect(set.status).toBe(200);
  });
});

describe("isBreachedPassword", () => {
  const respond = (response: () => Promise<Response>) => vi.stubGlobal("fetch", response);

  it("finds the rest of the hash among those with its first five characters", async () => {
    const urls: unknown[] = [];
    vi.stubGlobal("fetch", (url: unknown) => {
      urls.push(url);
      // SHA-1 of "password" is 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8.
      const text =
        "0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:3";
      return Promise.resolve(new Response(text, { headers: { "content-type": "text/plain" } }));
    });
    expect(await isBreachedPassword("password")).toBe(true);
    expect(await isBreachedPassword("another one")).toBe(false);
    expect(String(urls[0])).toBe("https://api.pwnedpasswords.com/range/5BAA6");
  });

  it("accepts the password when the service fails", async () => {
    respond(() => Promise.reject(new Error("no network")));
    expect(await isBreachedPassword("password")).toBe(false);
    respond(() => Promise.resolve(new Response("busy", { status: 503 })));
    expect(await isBreachedPassword("password")).toBe(false);
  });

  it("accepts the password when the service does not respond", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    respond(() => new Promise<Response>(() => {}));
    const checked = isBreachedPassword("password");
    await vi.advanceTimersByTimeAsync(3000);
    expect(await checked).toBe(false);
  });
});
