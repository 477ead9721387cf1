import { beforeAll, describe, expect, it, vi } from "vitest";
import { REFUSAL_HEADER } from "@/lib/refusals";
import { OPERATIONS } from "@/public-api/operations";
import { stubEnvironment } from "../support/stub-environment";

let route: typeof import("@/app/api/v1/[[...path]]/route");

beforeAll(async () => {
  // None of these requests reaches the database.
  stubEnvironment({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
  vi.resetModules();
  route = await import("@/app/api/v1/[[...path]]/route");
});

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

async function send(method: Method, path: string, headers: Record<string, string> = {}) {
  const request = new Request(`http://localhost:3000/api/v1/${path}`, { method, headers });
  const segments = path === "" ? {} : { path: path.split("/") };
  const response = await route[method](request, { params: Promise.resolve(segments) });
  return { response, problem: (await response.json()) as Record<string, unknown> };
}

describe("the route of the API", () => {
  it.each([
    ["PUT", "spends", "POST"],
    ["PATCH", "holds/h/capture", "POST"],
    ["DELETE", "readings/1", "GET"],
    ["GET", "spends", "POST"],
    ["POST", "balance", "GET"],
  ] as const)(
    "responds to %s %s with a problem that names what is allowed",
    async (method, path, allowed) => {
      const { response, problem } = await send(method, path);
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe(allowed);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(problem).toMatchObject({
        code: "method_not_allowed",
        detail: `This path allows ${allowed} only.`,
        request_id: response.headers.get("x-request-id"),
      });
    },
  );

  it.each(["", "nowhere", "holds/h", "holds/h/capture/now"])(
    "knows no operation at /%s",
    async (path) => {
      const { response, problem } = await send("GET", path);
      expect(response.status).toBe(404);
      expect(problem).toMatchObject({ code: "not_found", detail: "No such path." });
    },
  );

  it("says why a request was refused before it arrived", async () => {
    const { problem } = await send("POST", "refused", { [REFUSAL_HEADER]: "malformed" });
    expect(problem).toMatchObject({ status: 400, code: "request_refused" });
  });

  it.each(
    Object.entries(OPERATIONS).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase() as Method, path] as const),
    ),
  )("asks for a key at %s %s", async (method, path) => {
    const { response, problem } = await send(method, path.slice(1).replace(/\{\w+\}/, "one"));
    expect(response.status).toBe(401);
    expect(problem).toMatchObject({ code: "invalid_api_key" });
  });
});
