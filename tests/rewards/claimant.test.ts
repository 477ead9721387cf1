import { describe, expect, it } from "vitest";
import { isDisposable, networkHash, normaliseAddress, personHash } from "@/rewards/claimant";

describe("normaliseAddress", () => {
  it.each([
    ["Mei@Example.COM", "mei@example.com"],
    ["mei+shop@example.com", "mei@example.com"],
    ["mei+a+b@example.com", "mei@example.com"],
    ["+mei@example.com", "+mei@example.com"],
    ["m.e.i@example.com", "m.e.i@example.com"],
    ["M.E.I+x@Gmail.com", "mei@gmail.com"],
    ["mei@googlemail.com", "mei@gmail.com"],
    ["me.i@pm.me", "mei@proton.me"],
    ["mei@bücher.example", "mei@xn--bcher-kva.example"],
    ["mei@xn--bcher-kva.example.", "mei@xn--bcher-kva.example"],
    ["jose\u0301@example.com", "jos\u00e9@example.com"],
  ])("writes %s as %s", (email, expected) => {
    expect(normaliseAddress(email)).toBe(expected);
  });
});

describe("personHash", () => {
  it("depends on the secret and does not contain the address", () => {
    const hash = personHash("mei@example.com", "a");
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect(personHash("Mei+x@example.com", "a")).toBe(hash);
    expect(personHash("mei@example.com", "b")).not.toBe(hash);
  });
});

describe("networkHash", () => {
  const hash = (address: string | null) => networkHash(address, "secret");

  it("is the same within an IPv4 /24 and an IPv6 /56", () => {
    expect(hash("203.0.113.7")).toBe(hash("203.0.113.250"));
    expect(hash("203.0.113.7")).toBe(hash("::ffff:203.0.113.9"));
    expect(hash("203.0.113.7")).not.toBe(hash("203.0.114.7"));
    expect(hash("2001:db8:0:1234::1")).toBe(hash("2001:0DB8:0:12ff:1:2:3:4"));
    expect(hash("2001:db8:0:1234::1")).not.toBe(hash("2001:db8:0:1334::1"));
  });

  it.each([null, "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "unknown"])(
    "is null for %s",
    (address) => {
      expect(hash(address)).toBeNull();
    },
  );
});

describe("isDisposable", () => {
  const strict = { acceptsExampleAddresses: false };

  it.each([
    "a@mailinator.com",
    "a@sub.mailinator.com",
    "a@MAILINATOR.com.",
    "a@anything.invalid",
    "a@b.test",
    "a@localhost",
    "a@people.example",
  ])("is true for %s", async (email) => {
    expect(await isDisposable(email, strict)).toBe(true);
  });

  it.each(["a@gmail.com", "a@example.com", "a@qq.com", "a@notmailinator.org"])(
    "is false for %s",
    async (email) => {
      expect(await isDisposable(email, strict)).toBe(false);
    },
  );

  it("accepts addresses under .example where the demo accounts have them", async () => {
    const demo = { acceptsExampleAddresses: true };
    expect(await isDisposable("demo@qiflow.example", demo)).toBe(false);
    expect(await isDisposable("demo@qiflow.invalid", demo)).toBe(true);
  });
});
