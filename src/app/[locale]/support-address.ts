import { env } from "@/env";

/** The address for support: `SUPPORT_EMAIL`, or the address of `EMAIL_FROM`. */
export const supportAddress =
  env.SUPPORT_EMAIL ?? /<([^>]+)>/.exec(env.EMAIL_FROM)?.[1] ?? env.EMAIL_FROM;
