import { env } from "@/env";

/** Where people write to: the address our e-mails come from, without its display name. */
export const supportAddress = /<([^>]+)>/.exec(env.EMAIL_FROM)?.[1] ?? env.EMAIL_FROM;
