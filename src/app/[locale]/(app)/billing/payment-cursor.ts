import type { PaymentCursor } from "@/billing/queries";

/** A cursor as it stands in the address: `2026-03-02T10:00:00.000Z~invoice:in_…`. */
export function formatPaymentCursor({ paidAt, id }: PaymentCursor): string {
  return `${paidAt.toISOString()}~${id}`;
}

/** Null for none and for anything that is no cursor of ours: the first page is shown then. */
export function parsePaymentCursor(text: string | null): PaymentCursor | null {
  const [, instant, id] = /^([^~]+)~(.+)$/.exec(text ?? "") ?? [];
  if (instant === undefined || id === undefined) return null;
  const paidAt = new Date(instant);
  return Number.isNaN(paidAt.getTime()) ? null : { paidAt, id };
}
