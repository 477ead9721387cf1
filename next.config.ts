import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";
import { readFunctionSet } from "./src/db/function-set";
import { securityHeaders } from "./src/lib/security-headers";

const withNextIntl = createNextIntlPlugin({
  requestConfig: "./src/i18n/request.ts",
  // Messages are parsed while building, so the browser gets no parser: 9 kB less on every page.
  experimental: {
    messages: {
      path: "./src/i18n/messages",
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
  // Arguments of server actions hold passwords: never in a log.
  logging: { serverFunctions: false },
  // Pages get theirs from the proxy, which leaves the API alone. Written while building, when nobody
  // knows the address yet: over plain http browsers ignore what they say about https.
  headers: async () => [
    {
      source: "/api/:path*",
      headers: Object.entries(securityHeaders({ https: true })).map(([key, value]) => ({
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
