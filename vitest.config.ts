import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: {
      // The tests sell a catalogue of their own, so that an edit of the site's does not break them.
      "@/catalog/catalog": fileURLToPath(new URL("./tests/support/catalog.ts", import.meta.url)),
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      // Next resolves this guard at build time; in tests it is an empty module.
      "server-only": fileURLToPath(new URL("./tests/setup/server-only.ts", import.meta.url)),
    },
  },
  test: {
    include: ["tests/**/*.test.{ts,tsx}", "packages/*/tests/**/*.test.ts"],
    exclude: ["tests/e2e/**", "node_modules/**"],
    // A file mostly waits for Postgres. Vitest would use one worker on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // It imports `next/server`, which Node alone does not resolve.
    server: { deps: { inline: [/next-intl\/dist\/.*\/middleware/] } },
    globalSetup: ["./tests/setup/global-setup.ts"],
    // Limits catch a test that hangs. A busy machine may take ten times as long as a quiet one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
