import { provisionAccount } from "@/accounts/sign-up";
import { type AuthOptions, createAuth } from "@/auth/create-auth";
import type { Database } from "@/db/client";

export const APP_URL = "http://localhost:3000";
export const SECRET = "a-secret-for-the-tests-and-for-nothing-else";
export const PASSWORD = "correct horse battery";

/** The app's better-auth over a test's database; limits off unless the test is about them. */
export function testAuth(db: Database, options: Partial<AuthOptions> = {}) {
  return createAuth({
    db,
    appUrl: APP_URL,
    secret: SECRET,
    onUserCreated: provisionAccount,
    rateLimited: false,
    ...options,
  });
}

export type TestAuth = ReturnType<typeof testAuth>;

/** A browser as far as the auth routes are concerned: its origin, its address, its cookies. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  constructor(
    private readonly auth: TestAuth,
    private readonly address = "203.0.113.7",
  ) {}

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get headers(): Headers {
    const headers = new Headers({ origin: APP_URL, "x-forwarded-for": this.address });
    if (this.#cookies.size > 0) headers.set("cookie", this.cookie);
    return headers;
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
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

/** What a refused call says. */
export async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response.json();
  const hasCode = typeof body === "object" && body !== null && "code" in body;
  return hasCode ? String(body.code) : "";
}

export function person(email: string) {
  return { name: "Mei Lin", email, password: PASSWORD };
}
