import { randomBytes } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Creates an id in Stripe's form: `<prefix>_` and `length` letters and digits. */
export function newId(prefix: string, length = 24): string {
  let suffix = "";
  for (const byte of randomBytes(length)) {
    suffix += alphabet.charAt(byte % alphabet.length);
  }
  return `${prefix}_${suffix}`;
}
