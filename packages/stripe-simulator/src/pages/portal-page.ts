import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import { productName } from "../rules/bill-subscription";
import {
  cancelAtPeriodEnd,
  isOver,
  planItem,
  resumeSubscription,
} from "../rules/change-subscription";
import { planSwitch, switchPrice } from "../rules/switch-price";
import type { Simulation } from "../simulation";
import type { StoredPortalSession, StoredPrice, StoredSubscription } from "../tables";
import { backLink } from "./checkout-page";
import { button, type Html, html } from "./html";
import { invoiceTable } from "./invoice-page";
import { layout, type PageResponse } from "./layout";
import { type Speech, speechFor } from "./words";

type Features = Stripe.BillingPortal.Configuration["features"];

export function portalPage(sim: Simulation, id: string, accepts: string): PageResponse {
  const session = rowOf(sim.tables.portalSessions, "billing_portal.session", id);
  const speech = speechFor(session.locale, accepts);
  const { say } = speech;
  const features = featuresOf(sim, session);
  const subscriptions = liveSubscriptions(sim, session.customer);
  const invoices = [...sim.tables.invoices.values()]
    .filter((invoice) => invoice.customer === session.customer)
    .reverse();
  const body = html`<h1>${say("portal")}</h1>
${subscriptions.length === 0 && html`<section><p>${say("noSubscription")}</p></section>`}
${subscriptions.map((one) => subscriptionSection(sim, one, features, speech))}
${
  features.invoice_history.enabled &&
  html`<h2>${say("invoices")}</h2><section>${invoiceTable(invoices, speech)}</section>`
}
${session.return_url && backLink(session.return_url, say("returnTo"))}`;
  return { markup: layout(speech, say("portal"), body) };
}

/** Runs a button of the portal, within what the configuration allows. */
export function actInPortal(sim: Simulation, id: string, form: URLSearchParams): PageResponse {
  const session = rowOf(sim.tables.portalSessions, "billing_portal.session", id);
  const features = featuresOf(sim, session);
  const wanted = form.get("subscription");
  const subscription = liveSubscriptions(sim, session.customer).find((one) => one.id === wanted);
  if (!subscription) {
    throw invalid("This subscription is over.");
  }
  switch (form.get("action")) {
    case "cancel":
      if (!features.subscription_cancel.enabled) {
        throw invalid("This portal does not cancel subscriptions.");
      }
      cancelAtPeriodEnd(sim, subscription, "portal");
      break;
    case "resume":
      resumeSubscription(sim, subscription);
      break;
    case "switch":
      switchInPortal(sim, subscription, features, form.get("price") ?? "");
      break;
    default:
      throw invalid("There is no such button.");
  }
  return { location: `/portal/${session.id}` };
}

function switchInPortal(
  sim: Simulation,
  subscription: StoredSubscription,
  features: Features,
  priceId: string,
): void {
  const price = offers(sim, subscription, features).find((one) => one.id === priceId);
  if (!price) {
    throw invalid("This portal does not offer that plan.");
  }
  if (takesEffectLater(subscription, price, features)) {
    planSwitch(sim, subscription, price);
    return;
  }
  const quantity = planItem(subscription).quantity ?? 1;
  switchPrice(sim, subscription, { price, quantity, proration: "always_invoice" });
}

function subscriptionSection(
  sim: Simulation,
  subscription: StoredSubscription,
  features: Features,
  speech: Speech,
): Html {
  const { say, status, day } = speech;
  const item = planItem(subscription);
  const ends = subscription.cancel_at;
  const planned = sim.tables.prices.get(sim.tables.plannedSwitches.get(subscription.id) ?? "");
  return html`<section data-testid="subscription">
<h2>${productName(sim, item.price)}</h2>
<p>${priceLabel(item.price, speech)}</p>
<p>${say("status")}${say("colon")}<span data-testid="status">${status(subscription.status)}</span></p>
<p>${say(ends === null ? "renews" : "endsOn")}${say("colon")}${day(ends ?? item.current_period_end)}</p>
${planned && html`<p data-testid="planned">${say("changesTo")} ${priceLabel(planned, speech)}</p>`}
${
  ends === null
    ? html`${offers(sim, subscription, features).map((price) => switchForm(subscription, price, features, speech))}
${features.subscription_cancel.enabled && actionForm(subscription, "cancel", say("cancel"))}<p class="soft">${say("cancelHint")}</p>`
    : actionForm(subscription, "resume", say("resume"))
}</section>`;
}

function actionForm({ id }: StoredSubscription, action: "cancel" | "resume", label: string): Html {
  return button(action, label, { action, subscription: id });
}

function switchForm(
  subscription: StoredSubscription,
  price: StoredPrice,
  features: Features,
  speech: Speech,
): Html {
  const { say } = speech;
  const label = `${say("switchTo")} ${priceLabel(price, speech)}`;
  const fields = { action: "switch", subscription: subscription.id, price: price.id };
  const when = takesEffectLater(subscription, price, features) ? "switchLater" : "switchNow";
  return html`<div class="row">${button(`switch-${price.id}`, label, fields)} <span class="soft">${say(when)}</span></div>`;
}

/** The other plans that the configuration lets this subscription switch to. */
function offers(
  sim: Simulation,
  subscription: StoredSubscription,
  { subscription_update: feature }: Features,
): StoredPrice[] {
  const current = planItem(subscription).price.id;
  const planned = sim.tables.plannedSwitches.get(subscription.id);
  const ids = feature.enabled ? (feature.products ?? []).flatMap(({ prices }) => prices) : [];
  return ids
    .filter((id) => id !== current && id !== planned)
    .flatMap((id) => sim.tables.prices.get(id) ?? []);
}

/** Whether the switch waits for the end of the period: from a year to a month, if the portal says so. */
function takesEffectLater(
  subscription: StoredSubscription,
  price: StoredPrice,
  { subscription_update: { schedule_at_period_end: scheduled } }: Features,
): boolean {
  const shortens =
    planItem(subscription).price.recurring?.interval === "year" &&
    price.recurring?.interval === "month";
  return shortens && scheduled.conditions.some(({ type }) => type === "shortening_interval");
}

function priceLabel(price: Stripe.Price, { say, money }: Speech): string {
  const every = say(price.recurring?.interval === "year" ? "perYear" : "perMonth");
  return `${money(price.unit_amount, price.currency)} ${every}`;
}

function liveSubscriptions(sim: Simulation, customer: string): StoredSubscription[] {
  return [...sim.tables.subscriptions.values()].filter(
    (one) => one.customer === customer && !isOver(one),
  );
}

function featuresOf(sim: Simulation, session: StoredPortalSession): Features {
  const id = session.configuration;
  return rowOf(sim.tables.portalConfigurations, "configuration", id).features;
}
