import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAPTCHA_HEADER, type CaptchaProvider } from "@/lib/captcha";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Browser, createTestAuth, errorCodeOf, findUser, signUpInput } from "./auth-fixture";

let database: TestDatabase;
let provider: Server;
/** What the provider was asked, in order. */
const asked: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  provider = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push(body);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ success: body.includes("a-passed-check") }));
  });
  await new Promise<void>((resolve) => {
    provider.listen(0, "127.0.0.1", () => resolve());
  });
});
afterAll(async () => {
  provider.close();
  await database.close();
});

function authWith(name: CaptchaProvider) {
  const address = provider.address();
  if (address === null || typeof address === "string") throw new Error("The server is closed.");
  const verifyUrl = `http://127.0.0.1:${address.port}`;
  return createTestAuth(database.db, {
    captcha: { provider: name, secretKey: "the-secret", verifyUrl },
  });
}

describe.each(["turnstile", "hcaptcha"] as const)("sign-up with %s", (name) => {
  it("is refused without a passed check and succeeds with one", async () => {
    const email = `${name}@example.com`;
    const browser = new Browser(authWith(name));
    const signUp = (token?: string) =>
      browser.post(
        "/sign-up/email",
        signUpInput(email),
        token === undefined ? {} : { [CAPTCHA_HEADER]: token },
      );
    const missing = await signUp();
    expect(missing.status).toBe(400);
    expect(await errorCodeOf(missing)).toBe("MISSING_RESPONSE");
    const failed = await signUp("a-failed-check");
    expect(failed.status).toBe(403);
    expect(await errorCodeOf(failed)).toBe("VERIFICATION_FAILED");
    await expect(findUser(database.db, email)).rejects.toThrow();
    expect((await signUp("a-passed-check")).status).toBe(200);
    expect(await findUser(database.db, email)).toMatchObject({ email });
    expect(asked.at(-1)).toContain("the-secret");
  });

  it("leaves sign-in alone", async () => {
    const before = asked.length;
    const { email, password } = signUpInput(`${name}@example.com`);
    const response = await new Browser(authWith(name)).post("/sign-in/email", { email, password });
    expect(response.status).toBe(200);
    expect(asked).toHaveLength(before);
  });
});

describe("sign-up while the captcha's provider is down", () => {
  it.each(["turnstile", "hcaptcha"] as const)(
    "is refused with 503 and a sentence by %s",
    async (name) => {
      const auth = createTestAuth(database.db, {
        captcha: { provider: name, secretKey: "the-secret", verifyUrl: "http://127.0.0.1:9" },
      });
      const email = `down-${name}@example.com`;
      const response = await new Browser(auth).post("/sign-up/email", signUpInput(email), {
        [CAPTCHA_HEADER]: "a-passed-check",
      });
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("120");
      expect(await response.json()).toEqual({
        code: "CAPTCHA_UNAVAILABLE",
        message: "The security check is not available. Try again in a few minutes.",
      });
      await expect(findUser(database.db, email)).rejects.toThrow();
    },
  );
});

describe("sign-up without a captcha", () => {
  it("needs no check", async () => {
    const browser = new Browser(createTestAuth(database.db));
    const response = await browser.post("/sign-up/email", signUpInput("plain@example.com"));
    expect(response.status).toBe(200);
  });
});
