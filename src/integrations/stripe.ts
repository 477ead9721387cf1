import type Stripe from "stripe";
import { env } from "@/env";
import { createStripe } from "./create-stripe";

/** The application's Stripe client. */
export const stripe: Stripe = createStripe({
  secretKey: env.STRIPE_SECRET_KEY,
  apiBase: env.STRIPE_API_BASE,
});
