import { z } from "zod";
import { createDatabase } from "@/db/client";
import { env } from "@/env";
import { freeCreditsPolicy } from "@/rewards/free-credits-policy";
import { ADMIN_EMAIL, DEMO_EMAIL } from "./app-environment";
import { seedAccounts } from "./seed-accounts";

/** Seeds the demo accounts into DATABASE_URL. `run-seed.ts` starts this with their passwords. */
async function main(): Promise<void> {
  const passwords = z
    .object({ QIFLOW_DEMO_PASSWORD: z.string().min(8), QIFLOW_ADMIN_PASSWORD: z.string().min(8) })
    .parse(process.env);
  const db = createDatabase(env.DATABASE_URL, { max: 2 });
  const demo = { name: "Demo", email: DEMO_EMAIL, password: passwords.QIFLOW_DEMO_PASSWORD };
  const admin = { name: "Admin", email: ADMIN_EMAIL, password: passwords.QIFLOW_ADMIN_PASSWORD };
  try {
    await seedAccounts({
      db,
      appUrl: env.APP_URL,
      secret: env.BETTER_AUTH_SECRET,
      policy: freeCreditsPolicy,
      accounts: [
        { ...demo, admin: false },
        { ...admin, admin: true },
      ],
    });
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
