import { describe, expect, it } from "vitest";
import { safeReturnPath } from "@/auth/return-path";

describe("safeReturnPath", () => {
  it.each(["/dashboard", "/zh/bazi/new?place=beijing#form", "/pricing?item=pro-yearly", "/a//b"])(
    "returns our own path %s",
    (path) => {
      expect(safeReturnPath(path)).toBe(path);
    },
  );

  it.each([
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "\\\\elsewhere.example",
    "/\t/elsewhere.example/",
    "/\n/elsewhere.example/",
    "/..//elsewhere.example",
    "javascript:alert(1)",
    "dashboard",
    "",
    "/api/auth/sign-out",
    "/api",
    "/x/../api/auth/sign-out",
    undefined,
    ["/dashboard"],
    `/${"x".repeat(3000)}`,
  ])("returns null for %j", (value) => {
    expect(safeReturnPath(value)).toBeNull();
  });
});
