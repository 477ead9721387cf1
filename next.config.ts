import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";
import { copyReference } from "./dev/copy-reference";
import { readFunctionSet } from "./src/db/function-set";
import { securityHeaders } from "./src/lib/security-headers";

const withNextIntl = createNextIntlPlugin({
  requestConfig: "./src/i18n/request.ts",
  // Messages are compiled at build time, so the browser needs no parser: 9 kB less on every page.
  experimental: {
    messages: {
      path: ["./src/i18n/messages", "./src/products/*/messages"],
      format: "json",
      locales: "infer",
      sourceLocale: "en",
      precompile: true,
    },
  },
});

const config: NextConfig = {
  reactCompiler: true,
  poweredByHeader: false,
  agentRules: false,
  serverExternalPackages: ["postgres", "pino", "lunar-typescript"],
  // Server action arguments contain passwords and must not be logged.
  logging: { serverFunctions: false },
  // Nothing uses the image optimizer, so its route does not exist.
  images: { unoptimized: true },
  // The proxy sets the headers of pages, but not of the API and of Next's files. The address is
  // unknown at build time; over plain http browsers ignore the https headers.
  headers: async () => [
    {
      source: "/:place(api|_next)/:path*",
      headers: Object.entries(securityHeaders({ https: true })).map(([key, value]) => ({
        key,
        value,
      })),
    },
    {
      source: "/reference/:file*",
      headers: [{ key: "Cache-Control", value: "public, max-age=31536000, immutable" }],
    },
  ],
};

/**
 * Hosts with skew protection serve the requests of a page from the deployment that rendered it, which
 * this id names. Next.js reads NEXT_DEPLOYMENT_ID itself; Vercel sets its own variable.
 */
function deployment(): Pick<NextConfig, "deploymentId"> {
  const { NEXT_DEPLOYMENT_ID, VERCEL_DEPLOYMENT_ID } = process.env;
  if (NEXT_DEPLOYMENT_ID || !VERCEL_DEPLOYMENT_ID) return {};
  return { deploymentId: VERCEL_DEPLOYMENT_ID };
}

/**
 * The build records the SQL functions it expects, which the health check compares with the database,
 * and the renderer of the API reference.
 */
export default async function nextConfig(): Promise<NextConfig> {
  const { setHash } = await readFunctionSet(process.cwd());
  const env = {
    QIFLOW_FUNCTION_SET: setHash,
    QIFLOW_REFERENCE_SCRIPT: await copyReference(process.cwd()),
  };
  return withNextIntl({ ...config, ...deployment(), env });
}
