import type { PaymentCursor } from "@/billing/queries";

/** Formats a cursor for the URL: `2026-03-02T10:00:00.000Z~invoice:in_…`. */
export function formatPaymentCursor({ paidAt, id }: PaymentCursor): string {
  return `${paidAt.toISOString()}~${id}`;
}

/** Parses a cursor of the URL. Returns null, which means the first page, when it is not valid. */
export function parsePaymentCursor(text: string | null): PaymentCursor | null {
  const [, instant, id] = /^([^~]+)~(.+)$/.exec(text ?? "") ?? [];
  if (instant === undefined || id === undefined) return null;
  const paidAt = new Date(instant);
  return Number.isNaN(paidAt.getTime()) ? null : { paidAt, id };
}
