import { describe, expect, it } from "vitest";
import { requireSameOrigin } from "@/app/api/request";
import { NotAllowed } from "@/lib/errors";

const request = (headers: Record<string, string>) =>
  new Request("http://app.example/api/x", {
    method: "POST",
    headers: { host: "app.example", ...headers },
  });

describe("requireSameOrigin", () => {
  it.each<[string, Record<string, string>]>([
    ["our own page", { "sec-fetch-site": "same-origin", origin: "http://app.example" }],
    ["the address bar", { "sec-fetch-site": "none" }],
    ["our own page in an older browser", { origin: "http://app.example" }],
    ["a client that is not a browser", {}],
  ])("accepts a request from %s", (_, headers) => {
    expect(() => requireSameOrigin(request(headers))).not.toThrow();
  });

  it.each<[string, Record<string, string>]>([
    ["another site", { "sec-fetch-site": "cross-site", origin: "http://app.example" }],
    ["a sibling subdomain", { "sec-fetch-site": "same-site" }],
    ["another site in an older browser", { origin: "http://elsewhere.example" }],
    ["our host on another port", { origin: "http://app.example:8080" }],
    ["a sandboxed frame", { origin: "null" }],
  ])("refuses a request from %s", (_, headers) => {
    expect(() => requireSameOrigin(request(headers))).toThrow(NotAllowed);
  });
});
