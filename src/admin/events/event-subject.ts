import { z } from "zod";

/** The ids of the stored rows that an event is about. */
export interface EventSubject {
  /** Sources of payments, credits and schedules: `checkout:cs_…`, `invoice:in_…`. */
  readonly sources: readonly string[];
  readonly sessionId: string | null;
  readonly invoiceId: string | null;
  readonly paymentIntentId: string | null;
  readonly subscriptionId: string | null;
  readonly customerId: string | null;
}

/** An id, or an expanded object with one. Anything else parses as null. */
const id = z
  .union([z.string(), z.object({ id: z.string() }).transform((object) => object.id)])
  .nullable()
  .catch(null);
/** Reads only ids, which events of every API version contain. */
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
  sources: [],
  sessionId: null,
  invoiceId: null,
  paymentIntentId: null,
  subscriptionId: null,
  customerId: null,
};

/** Reads the subject from an event's payload. An invalid payload is about nothing. */
export function subjectOf(event: { type: string; payload: unknown }): EventSubject {
  const parsed = payload.safeParse(event.payload);
  if (!parsed.success) return NOTHING;
  const { data: object } = parsed;
  const subject = {
    ...NOTHING,
    customerId: object.customer ?? null,
    paymentIntentId: object.payment_intent ?? null,
    subscriptionId: object.subscription ?? null,
  };
  if (event.type.startsWith("checkout.session.")) {
    const sources = [...sourceOf("checkout", object.id), ...sourceOf("invoice", object.invoice)];
    return { ...subject, sources, sessionId: object.id, invoiceId: object.invoice ?? null };
  }
  if (event.type.startsWith("invoice.")) {
    const subscriptionId =
      object.parent?.subscription_details.subscription ?? subject.subscriptionId;
    return {
      ...subject,
      subscriptionId,
      invoiceId: object.id,
      sources: sourceOf("invoice", object.id),
    };
  }
  if (event.type.startsWith("customer.subscription."))
    return { ...subject, subscriptionId: object.id };
  if (event.type === "customer.deleted") return { ...subject, customerId: object.id };
  return subject;
}

function sourceOf(kind: "checkout" | "invoice", objectId: string | null | undefined): string[] {
  return objectId ? [`${kind}:${objectId}`] : [];
}
