import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadMessages } from "@/i18n/load-messages";

const { errors } = await loadMessages("en");

/** Responses to Stripe, the scheduler, the simulator and clients of the API. Users never see them. */
const MACHINE_CODES = [
  "webhook_refused",
  "not_the_scheduler",
  "clock_runs_forward",
  "idempotency_key_missing",
  "invalid_api_key",
  "invalid_request",
  "method_not_allowed",
  "request_refused",
  "request_too_large",
  "overrun_refused",
  "scope_missing",
  "spend_limit_exceeded",
  "user_not_found",
  "wrong_user",
];

describe("the errors messages", () => {
  it("have a sentence for every AppError that a user can see", () => {
    const codes = codesOfAppErrors();
    expect(codes.length).toBeGreaterThan(10);
    const missing = codes.filter((code) => !MACHINE_CODES.includes(code) && !(code in errors));
    expect(missing).toEqual([]);
  });
});

/** Returns every `code: "…"` in a class that extends AppError. */
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
