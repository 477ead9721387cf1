import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";
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

export default withNextIntl(config);
