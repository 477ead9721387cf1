import { createHmac } from "node:crypto";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { provisionAccount } from "@/accounts/sign-up";
import { type AuthOptions, createAuth } from "@/auth/create-auth";
import type { SessionTimes } from "@/auth/session-rules";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";
import { FREE_CREDITS_POLICY } from "../support/free-credits";

export const APP_URL = "http://localhost:3000";
export const SECRET = "a-secret-for-the-tests-and-for-nothing-else";
export const PASSWORD = "correct horse battery";

/** A session that has confirmed nothing since its sign-in. */
export const signedInAt = (createdAt: Date): SessionTimes => ({
  createdAt,
  lastUsedAt: null,
  passwordAt: null,
  secondFactorAt: null,
});

/** The application's better-auth on a test database. Rate limits are off by default. */
export function createTestAuth(db: Database, options: Partial<AuthOptions> = {}) {
  return createAuth({
    db,
    appUrl: APP_URL,
    secret: SECRET,
    provisionAccount: (database, person) =>
      provisionAccount(database, { ...person, policy: FREE_CREDITS_POLICY }),
    rateLimited: false,
    ...options,
  });
}

export type TestAuth = ReturnType<typeof createTestAuth>;

/** Signs a user up over HTTP and returns the signed-in browser. */
export async function signUp(db: Database, email: string, auth = createTestAuth(db)) {
  const browser = new Browser(auth);
  const response = await browser.post("/sign-up/email", signUpInput(email));
  expect(response.status).toBe(200);
  const { id: userId } = await findUser(db, email);
  return { auth, browser, userId };
}

export function signUpInput(email: string) {
  return { name: "Mei Lin", email, password: PASSWORD };
}

export async function findUser(db: Database, email: string) {
  const [found] = await db.select().from(user).where(eq(user.email, email));
  if (found === undefined) throw new Error(`No user has the address ${email}.`);
  return found;
}

/** A browser for the auth routes: it sends its origin and its address, and keeps cookies. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  constructor(
    private readonly auth: TestAuth,
    private readonly address = "203.0.113.7",
  ) {}

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  get headers(): Headers {
    const headers = new Headers({ origin: APP_URL, "x-forwarded-for": this.address });
    if (this.#cookies.size > 0) headers.set("cookie", this.cookie);
    return headers;
  }

  async post(path: string, body: object, extra: Record<string, string> = {}): Promise<Response> {
    const headers = this.headers;
    headers.set("content-type", "application/json");
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    const url = `${APP_URL}/api/auth${path}`;
    return this.#send(new Request(url, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  async get(address: string): Promise<Response> {
    const url = new URL(address, APP_URL);
    return this.#send(new Request(url, { headers: this.headers }));
  }

  async #send(request: Request): Promise<Response> {
    const response = await this.auth.handler(request);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const [name = "", ...value] = pair.split("=");
      if (/max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value.join("="));
    }
    return response;
  }
}

/** Returns the error code of a refused request. */
export async function errorCodeOf(response: Response): Promise<string> {
  const body: unknown = await response.json();
  const hasCode = typeof body === "object" && body !== null && "code" in body;
  return hasCode ? String(body.code) : "";
}

/** Returns the cookie of a session token, signed as better-auth signs it. */
export function sessionCookie(token: string): string {
  const signature = createHmac("sha256", SECRET).update(token).digest("base64");
  return `qiflow.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
}
