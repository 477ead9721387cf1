import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const hex = () => randomBytes(24).toString("hex");
const typeablePassword = () => randomBytes(9).toString("base64url");

/** The secrets of a local installation and how each is generated. */
const generators = {
  postgresSuperuser: hex,
  postgresOwner: hex,
  postgresApp: hex,
  betterAuthSecret: hex,
  freeCreditsSecret: hex,
  stripeSecretKey: () => `sk_test_${hex()}`,
  stripeWebhookSecret: () => `whsec_${hex()}`,
  cronSecret: hex,
  cronJobsPassword: hex,
  demoPassword: typeablePassword,
  adminPassword: typeablePassword,
} satisfies Record<string, () => string>;

export type LocalSecrets = Record<keyof typeof generators, string>;

const kept = z.record(z.string(), z.string());

/**
 * Loads the secrets of this checkout; generates them once into `secrets.json`, readable by its owner only.
 * @throws when the file belongs to another user or is not JSON; nothing is overwritten
 */
export async function loadLocalSecrets(dataDirectory: string): Promise<LocalSecrets> {
  const file = path.join(dataDirectory, "secrets.json");
  const known = await readStored(file);
  const secret = (name: keyof LocalSecrets) => known[name] ?? generators[name]();
  const secrets: LocalSecrets = {
    postgresSuperuser: secret("postgresSuperuser"),
    postgresOwner: secret("postgresOwner"),
    postgresApp: secret("postgresApp"),
    betterAuthSecret: secret("betterAuthSecret"),
    freeCreditsSecret: secret("freeCreditsSecret"),
    stripeSecretKey: secret("stripeSecretKey"),
    stripeWebhookSecret: secret("stripeWebhookSecret"),
    cronSecret: secret("cronSecret"),
    cronJobsPassword: secret("cronJobsPassword"),
    demoPassword: secret("demoPassword"),
    adminPassword: secret("adminPassword"),
  };
  if (Object.keys(generators).some((name) => !(name in known))) {
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    await rename(unfinished, file);
  }
  return secrets;
}

async function readStored(file: string): Promise<Record<string, string>> {
  try {
    return kept.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Error(
      `${file} cannot be read (${error instanceof Error ? error.message : String(error)}). ` +
        "It belongs to another user or is damaged. Remove its directory to start from scratch.",
    );
  }
}
