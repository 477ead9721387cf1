import { describe, expect, it } from "vitest";
import { refuseInvalidSignUp } from "@/auth/route-guards";
import { nameFromProvider, personName, timeZone } from "@/auth/user-fields";

describe("personName", () => {
  it.each(["梅林 😀", "Zoë O’Brien", "שלום"])("accepts %s", (name) => {
    expect(personName.parse(` ${name} `)).toBe(name);
  });

  it.each([
    "Mei\0Lin",
    "Mei\nLin",
    "\ud800",
    "\u202egnp.exe",
    "\u200b",
    "\u3164\u2800",
    "\u001b[0m",
  ])("refuses %j", (name) => {
    const { error } = personName.safeParse(name);
    expect(error?.issues).toMatchObject([{ message: "name_unusable" }]);
    expect(() => refuseInvalidSignUp("/sign-up/email", { name })).toThrow();
  });
});

describe("nameFromProvider", () => {
  it.each(["Mei\0Lin", "\u202egnp.exe", "\u200b", "", "x".repeat(81)])(
    "returns the start of the address for %j",
    (name) => {
      expect(nameFromProvider({ name, email: "mei@example.com" })).toBe("mei");
    },
  );

  it("keeps a usable name", () => {
    expect(nameFromProvider({ name: " 梅林 ", email: "mei@example.com" })).toBe("梅林");
  });
});

describe("timeZone", () => {
  it.each([
    ["asia/shanghai", "Asia/Shanghai"],
    ["utc", "UTC"],
    ["PRC", "Asia/Shanghai"],
    ["Asia/Kolkata", "Asia/Kolkata"],
    ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
    ["America/New_York", "America/New_York"],
  ])("parses %s to the canonical spelling", (spelling, canonical) => {
    expect(timeZone.parse(spelling)).toBe(canonical);
  });

  it.each(["+08:00", "Mars/Olympus", "", "A".repeat(10_000), "Asia/Shanghai\0"])(
    "refuses %j",
    (name) => {
      expect(timeZone.safeParse(name).error?.issues).toMatchObject([
        { message: "time_zone_unknown" },
      ]);
    },
  );
});
