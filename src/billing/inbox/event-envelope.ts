import { z } from "zod";

/**
 * What is read of an event's payload: the envelope and the id of what it is about, which have the
 * same place in every API version. All else is fetched from Stripe at the pinned version, so that no
 * handler depends on the shape an endpoint happens to be set to.
 */
export const eventEnvelope = z.object({
  id: z.string().min(1).max(255),
  object: z.literal("event"),
  type: z.string(),
  api_version: z.string().nullable().default(null),
  created: z.int().nonnegative(),
  livemode: z.boolean(),
  /** Set on events of connected accounts, which are none of ours. */
  account: z.string().optional(),
  data: z.object({
    object: z.looseObject({
      id: z.string().optional(),
      customer: z.unknown().optional(),
    }),
  }),
});
export type EventEnvelope = z.output<typeof eventEnvelope>;
