import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startApp } from "./laptop/start-app";
import { startLaptop } from "./laptop/start-laptop";
import { Supervisor } from "./laptop/supervisor";

const HELP = `npm run dev                    development, with local services (Postgres, Stripe simulator, mail preview)
npm start                      the production build, with real services
npm start -- --embedded        the production build, with local services (or QIFLOW_EMBEDDED=1)
    --throwaway                deletes the data on exit

PORT            port of the app (3000, or the next free one)
HOST            address the app listens on (localhost; every address with real services)
QIFLOW_DATA_DIR where an embedded start keeps its data (.data)
DATABASE_URL, STRIPE_SECRET_KEY, RESEND_API_KEY: when set, the real one is used`;

/** `npm run dev` and `npm start`. */
async function main(): Promise<void> {
  const flags = new Set(process.argv.slice(2));
  if (flags.has("--help")) return console.log(HELP);
  for (const flag of flags) {
    if (!["--production", "--embedded", "--throwaway"].includes(flag)) {
      throw new Error(`Unknown option ${flag}.\n\n${HELP}`);
    }
  }
  const root = fileURLToPath(new URL("..", import.meta.url));
  process.chdir(root);
  // Variables that are already set win over both files, and the first file over the second.
  for (const file of [".env.local", ".env"]) if (existsSync(file)) process.loadEnvFile(file);

  const production = flags.has("--production");
  if (production && !existsSync(".next/BUILD_ID")) {
    throw new Error("There is no build yet. Run `npm run build` first.");
  }
  const embedded = flags.has("--embedded") || process.env.QIFLOW_EMBEDDED === "1";
  const supervisor = new Supervisor();
  try {
    if (production && !embedded) await startApp(supervisor, { root });
    else await startLaptop(supervisor, { root, production, throwaway: flags.has("--throwaway") });
  } catch (error) {
    await supervisor.end({ exitCode: 1, message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
