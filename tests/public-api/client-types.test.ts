import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "@/public-api/openapi";
import { generateTypes } from "../../packages/client/generate";

describe("the types of the client", () => {
  it("are those of the API's schemas (otherwise: npm run client:generate)", async () => {
    const stored = await readFile("packages/client/src/schema.ts", "utf8");
    const document = openApiDocument({ appUrl: "https://qiflow.example" });
    expect(stored).toBe(await generateTypes(document));
  });
});
