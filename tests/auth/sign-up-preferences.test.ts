import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { preferencesFromCookies } from "@/auth/sign-up-preferences";
import { user } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { testAuth } from "./test-auth";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

describe("language and time zone of somebody who comes from a provider", () => {
  const from = (cookie: string) => preferencesFromCookies(new Headers({ cookie }));

  it("are those this browser was left with", () => {
    expect(from("a=b; NEXT_LOCALE=zh-CN; qiflow.time-zone=Asia%2FShanghai")).toEqual({
      locale: "zh-CN",
      timeZone: "Asia/Shanghai",
    });
  });

  it.each(["", "NEXT_LOCALE=xx; qiflow.time-zone=Mars%2FOlympus", "qiflow.time-zone=%E0%A4%A"])(
    "are English and UTC when the cookies say %j",
    (cookie) => {
      expect(from(cookie)).toEqual({ locale: "en", timeZone: "UTC" });
    },
  );
});

describe("an address that a provider vouches for", () => {
  it.each([
    ["makes an admin of somebody listed", "boss@example.com", "admin"],
    ["makes nobody else one", "other@example.com", "user"],
  ])("%s", async (_, email, role) => {
    const auth = testAuth(database.db, { adminEmails: ["Boss@example.com"] });
    const { internalAdapter } = await auth.$context;
    await internalAdapter.createUser(
      { email, name: "From Elsewhere", emailVerified: true },
      { method: "oauth", oauth: { providerId: "google" } },
    );
    const [row] = await database.db.select().from(user).where(eq(user.email, email));
    expect(row).toMatchObject({ role, emailVerified: true });
  });
});
