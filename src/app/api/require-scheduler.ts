import { env } from "@/env";
import { equalInConstantTime } from "@/lib/constant-time";
import { AppError } from "@/lib/errors";

class NotTheScheduler extends AppError {
  constructor() {
    super({
      code: "not_the_scheduler",
      status: 401,
      message:
        "Send Authorization: Bearer with CRON_SECRET, or Basic with CRON_JOBS_USERNAME and CRON_JOBS_PASSWORD.",
    });
  }
}

export interface SchedulerSecrets {
  readonly CRON_SECRET?: string | undefined;
  readonly CRON_JOBS_USERNAME?: string | undefined;
  readonly CRON_JOBS_PASSWORD?: string | undefined;
}

/**
 * Lets only the scheduler in: Vercel's cron with its bearer secret, or another with Basic
 * credentials, compared in constant time. A secret that is not set lets nobody in.
 * @throws NotTheScheduler (401)
 */
export function requireScheduler(request: Request, secrets: SchedulerSecrets = env): void {
  const authorization = request.headers.get("authorization") ?? "";
  const { CRON_SECRET: secret, CRON_JOBS_USERNAME: name, CRON_JOBS_PASSWORD: password } = secrets;
  if (secret && equalInConstantTime(authorization, `Bearer ${secret}`)) return;
  if (name && password) {
    const basic = Buffer.from(`${name}:${password}`).toString("base64");
    if (equalInConstantTime(authorization, `Basic ${basic}`)) return;
  }
  throw new NotTheScheduler();
}
