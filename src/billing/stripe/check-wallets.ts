import type Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { withTimeout } from "./call-stripe";

const TIMEOUT_MS = 10_000;

/** Wallets for one-time payments that `STRIPE_WALLETS` may name. */
const WALLETS = ["alipay", "wechat_pay"] as const;
export type Wallet = (typeof WALLETS)[number];

/** A wallet that only one side has: pricing names it, or the account offers it. */
export interface WalletMismatch {
  readonly wallet: Wallet;
  readonly isNamed: boolean;
}

/**
 * Compares the wallets that pricing names with those that the account offers at checkout: its default
 * payment method configuration, which our sessions use. Returns the wallets that differ.
 * @throws StripeTimeout or Stripe's error if Stripe does not respond
 */
export async function checkWallets(
  { stripe }: Pick<BillingDeps, "stripe">,
  { named }: { named: readonly Wallet[] },
): Promise<WalletMismatch[]> {
  const configuration = await withTimeout(TIMEOUT_MS, findDefault(stripe));
  return WALLETS.flatMap((wallet) => {
    const isNamed = named.includes(wallet);
    const isOffered = configuration?.[wallet]?.available ?? false;
    return isNamed === isOffered ? [] : [{ wallet, isNamed }];
  });
}

/** One line for a terminal. */
export function describeWalletMismatch({ wallet, isNamed }: WalletMismatch): string {
  return isNamed
    ? `STRIPE_WALLETS names ${wallet}, which the account does not offer at checkout`
    : `The account offers ${wallet} at checkout, which STRIPE_WALLETS does not name`;
}

/** Null if no active configuration is the default. Those of Connect applications do not count. */
async function findDefault(stripe: Stripe): Promise<Stripe.PaymentMethodConfiguration | null> {
  for await (const one of stripe.paymentMethodConfigurations.list({ limit: 100 })) {
    if (one.is_default && one.active && one.application === null) return one;
  }
  return null;
}
