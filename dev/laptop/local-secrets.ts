import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const hex = () => randomBytes(24).toString("hex");
const typeable = () => randomBytes(9).toString("base64url");

/** What a laptop needs to keep secret, and how each is made. */
const makers = {
  postgresSuperuser: hex,
  postgresOwner: hex,
  postgresApp: hex,
  betterAuthSecret: hex,
  stripeSecretKey: () => `sk_test_${hex()}`,
  stripeWebhookSecret: () => `whsec_${hex()}`,
  cronSecret: hex,
  cronJobsPassword: hex,
  demoPassword: typeable,
  adminPassword: typeable,
} satisfies Record<string, () => string>;

export type LocalSecrets = Record<keyof typeof makers, string>;

const kept = z.record(z.string(), z.string());

/**
 * The secrets of this checkout, made once and kept in `secrets.json`, readable by its owner only.
 * @throws when the file belongs to another user or is no JSON; nothing is overwritten then
 */
export async function loadLocalSecrets(dataDirectory: string): Promise<LocalSecrets> {
  const file = path.join(dataDirectory, "secrets.json");
  const known = await readKept(file);
  const secret = (name: keyof LocalSecrets) => known[name] ?? makers[name]();
  const secrets: LocalSecrets = {
    postgresSuperuser: secret("postgresSuperuser"),
    postgresOwner: secret("postgresOwner"),
    postgresApp: secret("postgresApp"),
    betterAuthSecret: secret("betterAuthSecret"),
    stripeSecretKey: secret("stripeSecretKey"),
    stripeWebhookSecret: secret("stripeWebhookSecret"),
    cronSecret: secret("cronSecret"),
    cronJobsPassword: secret("cronJobsPassword"),
    demoPassword: secret("demoPassword"),
    adminPassword: secret("adminPassword"),
  };
  if (Object.keys(makers).some((name) => !(name in known))) {
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    await rename(unfinished, file);
  }
  return secrets;
}

async function readKept(file: string): Promise<Record<string, string>> {
  try {
    return kept.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Error(
      `${file} cannot be read (${error instanceof Error ? error.message : String(error)}). ` +
        "It was made by another user, or damaged; remove its directory to start afresh.",
    );
  }
}
