import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";
import { readFunctionSet } from "./src/db/function-set";
import { securityHeaders } from "./src/lib/security-headers";

const withNextIntl = createNextIntlPlugin("./src/i18n/request.ts");

const config: NextConfig = {
  reactCompiler: true,
  poweredByHeader: false,
  agentRules: false,
  serverExternalPackages: ["postgres", "pino", "lunar-typescript"],
  // Arguments of server actions hold passwords: never in a log.
  logging: { serverFunctions: false },
  // Pages get theirs from the proxy, which leaves the API alone.
  headers: async () => [
    {
      source: "/api/:path*",
      headers: Object.entries(securityHeaders({ https: false })).map(([key, value]) => ({
        key,
        value,
      })),
    },
  ],
};

/** The build keeps which SQL functions it was made for: read-site-health.ts compares. */
export default async function nextConfig(): Promise<NextConfig> {
  const { setHash } = await readFunctionSet(process.cwd());
  return withNextIntl({ ...config, env: { QIFLOW_FUNCTION_SET: setHash } });
}
