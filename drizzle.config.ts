import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: ["./src/db/schema", "./src/{ledger,products}/**/schema.ts"],
  out: "./drizzle",
  casing: "snake_case",
  strict: true,
});
