import { z } from "zod";

/** What an event is about, by the ids under which we keep it; each empty or null where it says nothing. */
export interface EventSubject {
  /** Sources of payments, credits and schedules: `checkout:cs_…`, `invoice:in_…`. */
  readonly sources: readonly string[];
  readonly sessionId: string | null;
  readonly invoiceId: string | null;
  readonly paymentIntentId: string | null;
  readonly subscriptionId: string | null;
  readonly customerId: string | null;
}

/** An id, alone or within the object it belongs to; anything else is none. */
const id = z
  .union([z.string(), z.object({ id: z.string() }).transform((object) => object.id)])
  .nullable()
  .catch(null);
/** Of Stripe's payloads only ids are read, which an event of any API version has. */
const payload = z
  .object({
    data: z.object({
      object: z.object({
        id,
        customer: id.optional(),
        invoice: id.optional(),
        payment_intent: id.optional(),
        subscription: id.optional(),
        parent: z
          .object({ subscription_details: z.object({ subscription: id.optional() }) })
          .optional()
          .catch(undefined),
      }),
    }),
  })
  .transform(({ data }) => data.object);

const NOTHING: EventSubject = {
  ...{ sources: [], sessionId: null, invoiceId: null, paymentIntentId: null },
  ...{ subscriptionId: null, customerId: null },
};

/** Reads an event's subject from what Stripe sent. A payload that makes no sense is about nothing. */
export function subjectOf(event: { type: string; payload: unknown }): EventSubject {
  const parsed = payload.safeParse(event.payload);
  if (!parsed.success) return NOTHING;
  const { data: object } = parsed;
  const about = {
    ...NOTHING,
    customerId: object.customer ?? null,
    paymentIntentId: object.payment_intent ?? null,
    subscriptionId: object.subscription ?? null,
  };
  if (event.type.startsWith("checkout.session.")) {
    const sources = [...named("checkout", object.id), ...named("invoice", object.invoice)];
    return { ...about, sources, sessionId: object.id, invoiceId: object.invoice ?? null };
  }
  if (event.type.startsWith("invoice.")) {
    const subscriptionId = object.parent?.subscription_details.subscription ?? about.subscriptionId;
    return {
      ...about,
      subscriptionId,
      invoiceId: object.id,
      sources: named("invoice", object.id),
    };
  }
  if (event.type.startsWith("customer.subscription."))
    return { ...about, subscriptionId: object.id };
  if (event.type === "customer.deleted") return { ...about, customerId: object.id };
  return about;
}

function named(kind: "checkout" | "invoice", of: string | null | undefined): string[] {
  return of ? [`${kind}:${of}`] : [];
}
