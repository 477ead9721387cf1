import { z } from "zod";
import { ITEM_IDS } from "../catalog";

/** All that a client may say about a purchase: which item. Price and credits are the server's. */
export const startCheckoutInput = z.strictObject({ item: z.enum(ITEM_IDS) });

/** The session a person came back from Stripe with. */
export const checkoutStatusInput = z.object({
  session_id: z.string().regex(/^cs_[A-Za-z0-9_]{1,200}$/),
});
