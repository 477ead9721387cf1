import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import errors from "@/i18n/messages/en/errors.json" with { type: "json" };

/** Never shown to a person: answers to Stripe, to cron, and to the simulator's clock. */
const FOR_MACHINES = ["webhook_refused", "not_the_scheduler", "clock_runs_forward"];

describe("errors", () => {
  it("all have a sentence for the person who meets them", () => {
    const codes = codesOfAppErrors();
    expect(codes.length).toBeGreaterThan(10);
    const missing = codes.filter((code) => !FOR_MACHINES.includes(code) && !(code in errors));
    expect(missing).toEqual([]);
  });
});

/** Every `code: "…"` inside a class that extends AppError. */
function codesOfAppErrors(): string[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => {
      const classes = readFileSync(`src/${path}`, "utf8")
        .split(/^(?:export )?class /m)
        .slice(1);
      return classes
        .filter((source) => /^\w+ extends AppError/.test(source))
        .flatMap((source) =>
          [...source.matchAll(/\bcode: "(\w+)"/g)].map(([, code]) => code ?? ""),
        );
    });
}
