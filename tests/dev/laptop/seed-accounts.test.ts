import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionAccount } from "@/accounts/sign-up";
import { createAuth } from "@/auth/create-auth";
import { seedAccounts } from "../../../dev/laptop/seed-accounts";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { FREE_CREDITS_POLICY } from "../../support/free-credits";

const options = { appUrl: "http://localhost:3000", secret: "a secret that is only for this test" };
const accounts = [
  { name: "Demo", email: "demo@qiflow.example", password: "correct horse", admin: false },
  { name: "Admin", email: "admin@qiflow.example", password: "battery staple", admin: true },
];
let database: TestDatabase;

const seed = () =>
  seedAccounts({ db: database.db, ...options, policy: FREE_CREDITS_POLICY, accounts });
const people = () => database.ownerSql`
  select u.email, u.role, u.email_verified, a.balance::int as credits
  from "user" u join credit_account a on a.user_id = u.id order by u.email`;

beforeAll(async () => {
  database = await createTestDatabase();
  await seed();
});

afterAll(() => database.close());

describe("seedAccounts", () => {
  it("seeds a verified user and a verified admin, each with the sign-up credits", async () => {
    expect(await people()).toEqual([
      { email: "admin@qiflow.example", role: "admin", email_verified: true, credits: 120 },
      { email: "demo@qiflow.example", role: "user", email_verified: true, credits: 120 },
    ]);
  });

  it("creates accounts that can sign in with the printed passwords", async () => {
    const auth = createAuth({
      db: database.db,
      ...options,
      provisionAccount: (db, person) =>
        provisionAccount(db, { ...person, policy: FREE_CREDITS_POLICY }),
      rateLimited: false,
    });
    for (const { email, password } of accounts) {
      const { user } = await auth.api.signInEmail({ body: { email, password } });
      expect(user.email).toBe(email);
    }
  });

  it("sends no verification email", async () => {
    const emails = await database.ownerSql`
      select idempotency_key from outbox where payload ->> 'template' = 'verify-email'`;
    expect(emails).toEqual([]);
  });

  it("changes nothing when it runs again", async () => {
    const before = await people();
    await seed();
    expect(await people()).toEqual(before);
  });

  it("completes an interrupted run", async () => {
    await database.ownerSql`update "user" set email_verified = false, role = 'user'`;
    await seed();
    expect(await people()).toEqual([
      expect.objectContaining({ email_verified: true, role: "admin" }),
      expect.objectContaining({ email_verified: true, role: "user" }),
    ]);
  });
});
