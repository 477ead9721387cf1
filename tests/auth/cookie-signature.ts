import { createHmac } from "node:crypto";

/** How a session cookie is signed: HMAC-SHA-256 of its value, in base64. */
export async function makeSignature(value: string, secret: string): Promise<string> {
  return createHmac("sha256", secret).update(value).digest("base64");
}
