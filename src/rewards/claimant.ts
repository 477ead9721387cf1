import { createHmac } from "node:crypto";
import { domainToASCII } from "node:url";
import { networkOf } from "@/lib/client-address";

/** Providers that deliver `m.ei@` and `mei@` to one mailbox, and the domain that stands for all of theirs. */
const DOTLESS_DOMAINS: Readonly<Record<string, string>> = {
  "gmail.com": "gmail.com",
  "googlemail.com": "gmail.com",
  "proton.me": "proton.me",
  "protonmail.com": "proton.me",
  "pm.me": "proton.me",
};

/** RFC 2606 and 6761: no mail is ever delivered there. */
const RESERVED_DOMAINS = ["invalid", "test", "localhost"];

/**
 * Returns the address that stands for all addresses of one mailbox: in lower case, NFC, with an ASCII
 * domain, without a `+tag` and without the dots that the provider ignores.
 */
export function normaliseAddress(email: string): string {
  const address = email.trim().normalize("NFC").toLowerCase();
  const at = address.lastIndexOf("@");
  const domain = domainOf(address);
  const mailbox = DOTLESS_DOMAINS[domain];
  const local = address.slice(0, Math.max(0, at));
  // An address that begins with "+" has no name before its tag.
  const name = local.replace(/(?<=.)\+.*$/s, "");
  if (mailbox === undefined) return `${name}@${domain}`;
  return `${name.replaceAll(".", "")}@${mailbox}`;
}

/** Returns the key of a mailbox. Without the secret nobody can look an address up. */
export function personHash(email: string, secret: string): string {
  return keyedHash(`person:${normaliseAddress(email)}`, secret);
}

/**
 * Returns the key of the network of an address: /24 for IPv4 and /56 for IPv6, the smallest blocks that
 * providers hand out. Null if the address is unknown or loopback.
 */
export function networkHash(address: string | null, secret: string): string | null {
  const network = address && networkOf(address, 56);
  const isLoopback = network?.startsWith("127.") || network === "::/56";
  return network && !isLoopback ? keyedHash(`network:${network}`, secret) : null;
}

/**
 * True for an address that nobody owns for long: a domain on the list of `disposable-email-domains-js`
 * or under one, or a domain that is reserved. Loads the list (170 kB) at the first call.
 */
export async function isDisposable(
  email: string,
  { acceptsExampleAddresses }: { acceptsExampleAddresses: boolean },
): Promise<boolean> {
  const labels = domainOf(email.trim().toLowerCase()).split(".");
  const topLevel = labels.at(-1) ?? "";
  if (RESERVED_DOMAINS.includes(topLevel)) return true;
  if (topLevel === "example") return !acceptsExampleAddresses;
  disposableDomains ??= import("disposable-email-domains-js").then((list) =>
    list.disposableEmailBlocklistSet(),
  );
  const listed = await disposableDomains;
  return labels.some((_, index) => listed.has(labels.slice(index).join(".")));
}

let disposableDomains: Promise<Set<string>> | undefined;

function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1).replace(/\.$/, "");
  return domainToASCII(domain) || domain;
}

function keyedHash(text: string, secret: string): string {
  return createHmac("sha256", secret).update(`free-credits:${text}`).digest("base64url");
}
