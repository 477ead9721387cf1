import { env } from "@/env";
import { equalInConstantTime } from "@/lib/constant-time";
import { AppError } from "@/lib/errors";
import { readAuthorization } from "./request";

class SchedulerOnly extends AppError {
  constructor() {
    super({
      code: "not_the_scheduler",
      status: 401,
      message:
        "Send Authorization: Bearer with CRON_SECRET, or Basic with CRON_JOBS_USERNAME and CRON_JOBS_PASSWORD.",
    });
  }
}

interface SchedulerSecrets {
  readonly CRON_SECRET?: string | undefined;
  readonly CRON_JOBS_USERNAME?: string | undefined;
  readonly CRON_JOBS_PASSWORD?: string | undefined;
}

/**
 * Authenticates the scheduler by bearer token (Vercel's cron) or Basic credentials, compared in
 * constant time. An unset secret matches nothing. Throws `SchedulerOnly` (401).
 */
export function requireScheduler(request: Request, secrets: SchedulerSecrets = env): void {
  const { scheme, credentials } = readAuthorization(request);
  const { CRON_SECRET: secret, CRON_JOBS_USERNAME: name, CRON_JOBS_PASSWORD: password } = secrets;
  if (secret && scheme === "bearer" && equalInConstantTime(credentials, secret)) return;
  if (name && password && scheme === "basic") {
    const basic = Buffer.from(`${name}:${password}`).toString("base64");
    if (equalInConstantTime(credentials, basic)) return;
  }
  throw new SchedulerOnly();
}
