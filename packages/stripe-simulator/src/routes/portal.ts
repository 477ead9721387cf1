import type Stripe from "stripe";
import { z } from "zod";
import { invalid, rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, listOf, metadata, text, webAddress } from "../http/params";
import { fits, listRoute, mergeMetadata, route } from "../http/route";
import { newPortalConfiguration, newPortalFlow, newPortalSession } from "../objects/portal";
import { checkFlow } from "../rules/portal-flow";
import type { Simulation } from "../simulation";

const product = z.strictObject({ product: text, prices: listOf(text) }).transform((given) => ({
  ...given,
  adjustable_quantity: { enabled: false, maximum: null, minimum: 1 },
}));
const conditions = listOf(
  z.strictObject({ type: z.enum(["decreasing_item_amount", "shortening_interval"]) }),
);
const features = z
  .strictObject({
    customer_update: z.strictObject({ enabled: flag, allowed_updates: listOf(text) }).partial(),
    invoice_history: z.strictObject({ enabled: flag }),
    payment_method_update: z.strictObject({ enabled: flag }),
    subscription_cancel: z
      .strictObject({ enabled: flag, mode: z.enum(["at_period_end"]) })
      .partial(),
    subscription_update: z
      .strictObject({
        enabled: flag,
        default_allowed_updates: listOf(text),
        proration_behavior: z.enum(["always_invoice"]),
        products: listOf(product),
        schedule_at_period_end: z.strictObject({ conditions }),
      })
      .partial(),
  })
  .partial();
const configuration = z.strictObject({
  business_profile: z
    .strictObject({ privacy_policy_url: webAddress, terms_of_service_url: webAddress })
    .optional(),
  default_return_url: webAddress.optional(),
  features,
  metadata: metadata.optional(),
});
const configurationChange = configuration.partial();
const after_completion = z
  .strictObject({
    type: z.literal("redirect"),
    redirect: z.strictObject({ return_url: webAddress }),
  })
  .optional();
const item = z.strictObject({ id: text, price: text });
const flow = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("payment_method_update"), after_completion }),
  z.strictObject({
    type: z.literal("subscription_cancel"),
    subscription_cancel: z.strictObject({ subscription: text }),
    after_completion,
  }),
  z.strictObject({
    type: z.literal("subscription_update_confirm"),
    subscription_update_confirm: z.strictObject({ subscription: text, items: listOf(item) }),
    after_completion,
  }),
]);
const session = z.strictObject({
  customer: text.min(1),
  flow_data: flow.optional(),
  configuration: text.optional(),
  return_url: webAddress.optional(),
  locale: text.optional(),
});

const configurations = "/v1/billing_portal/configurations";

export const portalRoutes = [
  route("POST", configurations, configuration, ({ sim, given }) => {
    const made = newPortalConfiguration(sim.nowSeconds());
    change(made, given);
    sim.tables.portalConfigurations.set(made.id, made);
    sim.emit("billing_portal.configuration.created", made);
    return made;
  }),
  route("POST", `${configurations}/:id`, configurationChange, ({ sim, id, given }) => {
    const changed = rowOf(sim.tables.portalConfigurations, "configuration", id);
    change(changed, given);
    changed.updated = sim.nowSeconds();
    sim.emit("billing_portal.configuration.updated", changed);
    return changed;
  }),
  listRoute(
    configurations,
    (sim) => sim.tables.portalConfigurations.values(),
    z.strictObject({ ...paging, active: flag.optional() }),
    (one, { active }) => fits(active, one.active),
  ),
  route("POST", "/v1/billing_portal/sessions", session, ({ sim, given }) => {
    rowOf(sim.tables.customers, "customer", given.customer, "customer");
    const chosen = configurationFor(sim, given.configuration);
    const wanted = given.flow_data === undefined ? null : newPortalFlow(given.flow_data);
    if (wanted !== null) {
      checkFlow(sim, wanted, { customer: given.customer, features: chosen.features });
    }
    const made = newPortalSession(sim.nowSeconds(), sim.url, {
      configuration: chosen.id,
      customer: given.customer,
      flow: wanted,
      locale: given.locale ?? null,
      return_url: given.return_url ?? chosen.default_return_url,
    });
    sim.tables.portalSessions.set(made.id, made);
    sim.emit("billing_portal.session.created", made);
    return made;
  }),
];

/** Merges the given features into the current ones. Omitted fields keep their value. */
function change(
  one: Stripe.BillingPortal.Configuration,
  given: z.output<typeof configurationChange>,
): void {
  const { features: wanted = {}, default_return_url: returnUrl } = given;
  Object.assign(one.features.customer_update, wanted.customer_update);
  Object.assign(one.features.invoice_history, wanted.invoice_history);
  Object.assign(one.features.payment_method_update, wanted.payment_method_update);
  Object.assign(one.features.subscription_cancel, wanted.subscription_cancel);
  Object.assign(one.features.subscription_update, wanted.subscription_update);
  Object.assign(one.business_profile, given.business_profile);
  one.default_return_url = returnUrl ?? one.default_return_url;
  one.metadata = mergeMetadata(one.metadata, given.metadata);
}

function configurationFor(
  sim: Simulation,
  id: string | undefined,
): Stripe.BillingPortal.Configuration {
  const { portalConfigurations: all } = sim.tables;
  if (id !== undefined) {
    return rowOf(all, "configuration", id, "configuration");
  }
  const found = [...all.values()].find((one) => one.is_default);
  if (!found) {
    throw invalid("No configuration provided, and there is no default one.");
  }
  return found;
}
