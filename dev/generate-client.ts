import { writeFile } from "node:fs/promises";
import { openApiDocument } from "@/public-api/openapi";
import { generateTypes } from "../packages/client/generate";

/** Writes the types of the client from the schemas that parse the API's requests. */
const target = new URL("../packages/client/src/schema.ts", import.meta.url);
await writeFile(target, await generateTypes(openApiDocument({ appUrl: "https://qiflow.example" })));
console.log("packages/client/src/schema.ts is up to date.");
