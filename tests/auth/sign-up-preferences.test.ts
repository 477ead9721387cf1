import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { preferencesFromCookies } from "@/auth/sign-up-preferences";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { createTestAuth, findUser } from "./auth-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

describe("preferencesFromCookies", () => {
  const preferencesOf = (cookie: string) => preferencesFromCookies(new Headers({ cookie }));

  it("reads the language and the time zone", () => {
    expect(preferencesOf("a=b; NEXT_LOCALE=zh-CN; qiflow.time-zone=Asia%2FShanghai")).toEqual({
      locale: "zh-CN",
      timeZone: "Asia/Shanghai",
    });
  });

  it("spells a time zone canonically", () => {
    expect(preferencesOf("qiflow.time-zone=asia%2FSHANGHAI").timeZone).toBe("Asia/Shanghai");
  });

  it.each(["", "NEXT_LOCALE=xx; qiflow.time-zone=Mars%2FOlympus", "qiflow.time-zone=%E0%A4%A"])(
    "falls back to English and UTC for %j",
    (cookie) => {
      expect(preferencesOf(cookie)).toEqual({ locale: "en", timeZone: "UTC" });
    },
  );
});

describe("sign-up with a social provider", () => {
  it.each([
    ["makes a user with a listed address an admin", "boss@example.com", "admin"],
    ["makes no other user an admin", "other@example.com", "user"],
  ])("%s", async (_, email, role) => {
    const auth = createTestAuth(database.db, { adminEmails: ["Boss@example.com"] });
    const { internalAdapter } = await auth.$context;
    await internalAdapter.createUser(
      { email, name: "From Elsewhere", emailVerified: true },
      { method: "oauth", oauth: { providerId: "google" } },
    );
    expect(await findUser(database.db, email)).toMatchObject({ role, emailVerified: true });
  });

  it("replaces a name that cannot be shown", async () => {
    const { internalAdapter } = await createTestAuth(database.db).$context;
    await internalAdapter.createUser(
      { email: "reversed@example.com", name: "\u202egnp.exe", emailVerified: true },
      { method: "oauth", oauth: { providerId: "github" } },
    );
    expect((await findUser(database.db, "reversed@example.com")).name).toBe("reversed");
  });
});
