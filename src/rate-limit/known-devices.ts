import { createHmac, randomBytes } from "node:crypto";
import { secondsInDay } from "date-fns/constants";
import { equalInConstantTime } from "@/lib/constant-time";

/** The cookie of a browser that has signed in. Long-lived, HttpOnly and signed. */
export const KNOWN_DEVICE = { cookie: "known_device", maxAge: 365 * secondsInDay } as const;
/** People who share a browser. The oldest is dropped. */
const MAX_ADDRESSES = 5;
const ID = /^[\w-]{22}$/;

interface Owner {
  readonly email: string;
  readonly secret: string;
}

/**
 * Returns the device's id if its owner has signed in with it before, else null. The cookie is
 * `id.proof.proof…`, with one proof for each address, so that a copied id proves nothing.
 */
export function knownDevice(cookie: string | null | undefined, owner: Owner): string | null {
  const { id, proofs } = parse(cookie);
  if (id === null) return null;
  const expected = proofOf(id, owner);
  return proofs.some((proof) => equalInConstantTime(proof, expected)) ? id : null;
}

/** Returns the cookie that makes the device known to its owner. Keeps the proofs of other people. */
export function rememberDevice(cookie: string | null | undefined, owner: Owner): string {
  const parsed = parse(cookie);
  const id = parsed.id ?? randomBytes(16).toString("base64url");
  const proof = proofOf(id, owner);
  const others = parsed.proofs.filter((other) => other !== proof);
  return [id, ...[proof, ...others].slice(0, MAX_ADDRESSES)].join(".");
}

function parse(cookie: string | null | undefined): { id: string | null; proofs: string[] } {
  const [id = "", ...proofs] = (cookie ?? "").split(".");
  return ID.test(id) ? { id, proofs: proofs.slice(0, MAX_ADDRESSES) } : { id: null, proofs: [] };
}

function proofOf(id: string, { email, secret }: Owner): string {
  const message = `known-device:${id}:${email.trim().toLowerCase()}`;
  return createHmac("sha256", secret).update(message).digest("base64url");
}
