import type { getDraws } from "@/ledger/reads/balance";

export type Draw = Awaited<ReturnType<typeof getDraws>>[number];

/** Where what is behind an entry can be seen, from its source (`reading:…`, `checkout:…`, `invoice:…`). */
export function sourceLink(source: string): { kind: "reading" | "payment"; href: string } | null {
  const [, kind, id] = /^(\w+):(.+)$/.exec(source) ?? [];
  if (id === undefined) return null;
  if (kind === "reading") return { kind, href: `/bazi/${encodeURIComponent(id)}` };
  if (kind === "checkout" || kind === "invoice")
    return { kind: "payment", href: "/billing#payments" };
  return null;
}
