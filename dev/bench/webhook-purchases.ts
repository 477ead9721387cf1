import type { Simulator } from "@qiflow/stripe-simulator/start-simulator";
import { eq, sql } from "drizzle-orm";
import { listPacks } from "@/catalog/items";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { openCreditAccount } from "@/ledger/grant";
import { creditTransaction } from "@/ledger/schema";
import { now } from "@/lib/clock";
import { simulatorPriceId } from "../laptop/simulator-prices";

/** A delivery as Stripe posts it, signed when it is called. */
export type SignedDelivery = () => { body: string; header: string };

const USERS = 100;

/** Buys packs at the simulator, which delivers nothing. Returns the events to post. */
export async function buyPacks(options: {
  db: Database;
  simulator: Simulator;
  secretKey: string;
  count: number;
}): Promise<SignedDelivery[]> {
  const { db, simulator, secretKey, count } = options;
  const stripe = createStripe({ secretKey, apiBase: simulator.apiBase });
  const people: { userId: string; customer: string }[] = [];
  for (let nth = 0; nth < USERS; nth += 1) {
    const userId = `bench_${nth}`;
    const { id: customer } = await stripe.customers.create({ metadata: { userId } });
    await signUp(db, { userId, customer });
    people.push({ userId, customer });
  }
  const [pack] = listPacks();
  if (pack === undefined) throw new Error("The catalogue has no packs.");
  const deliveries: SignedDelivery[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const buyer = people[nth % people.length];
    if (buyer === undefined) throw new Error("There are no users.");
    const { userId, customer } = buyer;
    const session = await stripe.checkout.sessions.create({
      ui_mode: "hosted_page",
      mode: "payment",
      customer,
      client_reference_id: userId,
      metadata: { userId, item: pack.id },
      line_items: [{ price: simulatorPriceId(pack), quantity: 1 }],
      success_url: "http://localhost/billing/success",
      cancel_url: "http://localhost/pricing",
    });
    await simulator.control.pay(session.id);
    const event = simulator.control.listEvents("checkout.session.completed").at(-1);
    if (event === undefined) throw new Error("The simulator recorded no event.");
    deliveries.push(() => simulator.control.signedPayload(event));
  }
  return deliveries;
}

async function signUp(db: Database, { userId, customer }: { userId: string; customer: string }) {
  const at = now();
  await db.insert(user).values({
    id: userId,
    name: userId,
    email: `${userId}@qiflow.example`,
    stripeCustomerId: customer,
    createdAt: at,
    updatedAt: at,
  });
  await db.transaction((tx) => openCreditAccount(tx, { userId, now: at }));
}

/** Events of the same size as a purchase's, with their own ids, for the floor. */
export function syntheticEvents(
  simulator: Simulator,
  { name, count }: { name: string; count: number },
): SignedDelivery[] {
  const event = simulator.control.listEvents("checkout.session.completed").at(-1);
  if (event === undefined) throw new Error("Nothing was bought.");
  return Array.from({ length: count }, (_, nth) => {
    const named = { ...event, id: `evt_floor_${name}_${nth}` };
    return () => simulator.control.signedPayload(named);
  });
}

/** How many purchases were granted, and how many grants exceed one per purchase. */
export async function countGrants(db: Database): Promise<{ granted: number; extra: number }> {
  const [found] = await db
    .select({
      grants: sql<string>`count(*)`,
      purchases: sql<string>`count(distinct ${creditTransaction.source})`,
    })
    .from(creditTransaction)
    .where(eq(creditTransaction.type, "PURCHASE_PACKAGE"));
  const granted = Number(found?.purchases ?? 0);
  return { granted, extra: Number(found?.grants ?? 0) - granted };
}
