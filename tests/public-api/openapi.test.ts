import { createConfig, lintFromString, stringifyYaml } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "@/public-api/openapi";
import type { Operation } from "@/public-api/operation";
import { OPERATIONS } from "@/public-api/operations";

const document = openApiDocument({ appUrl: "https://qiflow.example" });
const operations = Object.entries(OPERATIONS).flatMap(([path, methods]) =>
  Object.entries<Operation>(methods).map(([method, operation]) => ({
    name: operation.operationId,
    path,
    method: method as "get" | "post",
    operation,
  })),
);

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1 and follows the recommended rules", async () => {
    const problems = await lintFromString({
      source: stringifyYaml(document),
      config: await createConfig({
        extends: ["recommended-strict"],
        rules: { "tag-description": "off" },
      }),
    });
    expect(
      problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
    ).toEqual([]);
  });

  it("lists every operation", () => {
    expect(document.openapi).toBe("3.1.1");
    const listed = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(listed).toEqual(operations.map(({ method, path }) => `${method} ${path}`));
    expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
  });

  it("refuses unknown fields and shows no pattern beside a format", () => {
    const body = document.paths?.["/spends"]?.post?.requestBody;
    expect(body).toMatchObject({
      content: {
        "application/json": {
          schema: { additionalProperties: false, properties: { amount: { minimum: 1 } } },
        },
      },
    });
    expect(document.components?.schemas?.Limit).toMatchObject({
      properties: { resets_at: { anyOf: [{ type: "string", format: "date-time" }, {}] } },
    });
    expect(JSON.stringify(document.components?.schemas?.Limit)).not.toContain("pattern");
  });
});

describe.each(operations)("the operation $name", ({ path, method, operation }) => {
  const described = document.paths?.[path]?.[method];

  it("has a description, a tag, security and a response for each kind of error", () => {
    expect(described).toMatchObject({
      operationId: operation.operationId,
      tags: [expect.any(String)],
      security: [{ apiKey: [] }],
    });
    expect(described?.summary).toMatch(/^[A-Z][^.]+$/);
    expect(described?.description).toContain(`Scope: \`${operation.scope}\``);
    const { "200": _, ...errors } = described?.responses ?? {};
    expect(Object.keys(errors)).toEqual(
      expect.arrayContaining(["400", "401", "403", "429", "500"]),
    );
    for (const [status, { content }] of Object.entries(errors)) {
      const { schema, examples } = content["application/problem+json"];
      expect(schema).toEqual({ $ref: "#/components/schemas/Problem" });
      for (const [code, { value }] of Object.entries<{ value: object }>(examples))
        expect(value).toMatchObject({ code, status: Number(status), detail: expect.any(String) });
    }
  });

  it("has an Idempotency-Key parameter if and only if it writes", () => {
    const names = described?.parameters?.map((parameter) => "name" in parameter && parameter.name);
    expect(names?.includes("Idempotency-Key") ?? false).toBe(/write$/.test(operation.kind));
  });

  it("has examples that its schemas accept", () => {
    const { input, result, example, kind } = operation;
    if (kind !== "query" && kind !== "item") input.parse(example.input);
    result.parse(example.result);
  });
});
