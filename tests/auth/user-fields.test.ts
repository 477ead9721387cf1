import { describe, expect, it } from "vitest";
import { refuseInvalidSignUp } from "@/auth/route-guards";
import { personName } from "@/auth/user-fields";

describe("personName", () => {
  it("refuses a name that Postgres cannot store", () => {
    expect(personName.safeParse("Mei\0Lin").error?.issues).toMatchObject([
      { message: "name_missing" },
    ]);
    expect(personName.parse(" 梅林 😀 ")).toBe("梅林 😀");
  });
});

describe("refuseInvalidSignUp", () => {
  it("refuses a name that Postgres cannot store", () => {
    const signUp = (name: string) => () => refuseInvalidSignUp("/sign-up/email", { name });
    expect(signUp("Mei\0Lin")).toThrow();
    expect(signUp("Mei Lin")).not.toThrow();
  });
});
