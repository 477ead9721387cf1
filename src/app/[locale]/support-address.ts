import { env } from "@/env";

/** Where people write to: the one that is set, else the address our e-mails come from. */
export const supportAddress =
  env.SUPPORT_EMAIL ?? /<([^>]+)>/.exec(env.EMAIL_FROM)?.[1] ?? env.EMAIL_FROM;
