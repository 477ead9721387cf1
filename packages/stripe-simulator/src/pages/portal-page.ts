import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import { amountsOf } from "../objects/product";
import { productName, unitAmount } from "../rules/bill-subscription";
import { isOver, planItem, resumeSubscription } from "../rules/change-subscription";
import {
  cancelInPortal,
  type PortalFeatures,
  switchInPortal,
  takesEffectLater,
} from "../rules/portal-flow";
import { plannedPriceOf, releaseScheduleOf } from "../rules/schedule-phases";
import type { Simulation } from "../simulation";
import type { StoredPortalSession, StoredPrice, StoredSubscription } from "../tables";
import { backLink } from "./checkout-page";
import { button, type Html, html } from "./html";
import { invoiceTable } from "./invoice-page";
import { layout, type PageResponse } from "./layout";
import { flowPage, runFlow } from "./portal-flow-page";
import { languageFor, type PageLanguage } from "./words";

export function portalPage(sim: Simulation, id: string, accepts: string): PageResponse {
  const session = rowOf(sim.tables.portalSessions, "billing_portal.session", id);
  const language = languageFor(session.locale, accepts);
  const { text } = language;
  if (session.flow !== null) return flowPage(sim, session, { flow: session.flow, language });
  const features = featuresOf(sim, session);
  const subscriptions = liveSubscriptions(sim, session.customer);
  const invoices = [...sim.tables.invoices.values()]
    .filter((invoice) => invoice.customer === session.customer)
    .reverse();
  const body = html`<h1>${text("portal")}</h1>
${subscriptions.length === 0 && html`<section><p>${text("noSubscription")}</p></section>`}
${subscriptions.map((one) => subscriptionSection(sim, one, features, language))}
${
  features.invoice_history.enabled &&
  html`<h2>${text("invoices")}</h2><section>${invoiceTable(invoices, language)}</section>`
}
${session.return_url && backLink(session.return_url, text("returnTo"))}`;
  return { markup: layout(language, text("portal"), body) };
}

/** Runs a button of the portal, within what the configuration allows. */
export function runPortalAction(sim: Simulation, id: string, form: URLSearchParams): PageResponse {
  const session = rowOf(sim.tables.portalSessions, "billing_portal.session", id);
  const features = featuresOf(sim, session);
  if (session.flow !== null) return runFlow(sim, session, session.flow, features);
  const wanted = form.get("subscription");
  const subscription = liveSubscriptions(sim, session.customer).find((one) => one.id === wanted);
  if (!subscription) {
    throw invalid("This subscription has ended.");
  }
  switch (form.get("action")) {
    case "cancel":
      if (!features.subscription_cancel.enabled) {
        throw invalid("This portal does not cancel subscriptions.");
      }
      cancelInPortal(sim, subscription);
      break;
    case "resume":
      resumeSubscription(sim, subscription);
      break;
    case "keep":
      releaseScheduleOf(sim, subscription);
      break;
    case "switch":
      runSwitch(sim, subscription, features, form.get("price") ?? "");
      break;
    default:
      throw invalid("There is no such button.");
  }
  return { location: `/portal/${session.id}` };
}

function runSwitch(
  sim: Simulation,
  subscription: StoredSubscription,
  features: PortalFeatures,
  priceId: string,
): void {
  const price = offers(sim, subscription, features).find((one) => one.id === priceId);
  if (!price) {
    throw invalid("This portal does not offer that plan.");
  }
  switchInPortal(sim, subscription, { price, features });
}

function subscriptionSection(
  sim: Simulation,
  subscription: StoredSubscription,
  features: PortalFeatures,
  language: PageLanguage,
): Html {
  const { text, status, day } = language;
  const item = planItem(subscription);
  const label = (price: Stripe.Price) =>
    `${productName(sim, price)}, ${priceLabel(sim, subscription, price, language)}`;
  const ends = subscription.cancel_at;
  const planned = plannedPriceOf(sim, subscription);
  return html`<section data-testid="subscription">
<h2>${productName(sim, item.price)}</h2>
<p>${priceLabel(sim, subscription, item.price, language)}</p>
<p>${text("status")}${text("colon")}<span data-testid="status">${status(subscription.status)}</span></p>
<p>${text(ends === null ? "renews" : "endsOn")}${text("colon")}${day(ends ?? item.current_period_end)}</p>
${planned && html`<p data-testid="planned">${text("changesTo")} ${label(planned)}</p>${actionForm(subscription, "keep", text("keepPlan"))}`}
${
  ends === null
    ? html`${offers(sim, subscription, features).map((price) => switchForm(subscription, price, features, { language, label: label(price) }))}
${features.subscription_cancel.enabled && actionForm(subscription, "cancel", text("cancel"))}<p class="soft">${text("cancelHint")}</p>`
    : actionForm(subscription, "resume", text("resume"))
}</section>`;
}

function actionForm(
  { id }: StoredSubscription,
  action: "cancel" | "keep" | "resume",
  label: string,
): Html {
  return button(action, label, { action, subscription: id });
}

function switchForm(
  subscription: StoredSubscription,
  price: StoredPrice,
  features: PortalFeatures,
  { language: { text }, label }: { language: PageLanguage; label: string },
): Html {
  const fields = { action: "switch", subscription: subscription.id, price: price.id };
  const when = takesEffectLater(subscription, price, features) ? "switchLater" : "switchNow";
  return html`<div class="row">${button(`switch-${price.id}`, `${text("switchTo")} ${label}`, fields)} <span class="soft">${text(when)}</span></div>`;
}

/**
 * The other plans that the configuration lets this subscription switch to. A price without the
 * subscription's currency is not offered.
 */
function offers(
  sim: Simulation,
  subscription: StoredSubscription,
  { subscription_update: feature }: PortalFeatures,
): StoredPrice[] {
  const current = planItem(subscription).price.id;
  const planned = plannedPriceOf(sim, subscription)?.id;
  const ids = feature.enabled ? (feature.products ?? []).flatMap(({ prices }) => prices) : [];
  return ids
    .filter((id) => id !== current && id !== planned)
    .flatMap((id) => sim.tables.prices.get(id) ?? [])
    .filter((price) => subscription.currency in amountsOf(sim.tables, price));
}

function priceLabel(
  sim: Simulation,
  subscription: StoredSubscription,
  price: Stripe.Price,
  { text, money }: PageLanguage,
): string {
  const every = text(price.recurring?.interval === "year" ? "perYear" : "perMonth");
  return `${money(unitAmount(sim, subscription, price), subscription.currency)} ${every}`;
}

function liveSubscriptions(sim: Simulation, customer: string): StoredSubscription[] {
  return [...sim.tables.subscriptions.values()].filter(
    (one) => one.customer === customer && !isOver(one),
  );
}

function featuresOf(sim: Simulation, session: StoredPortalSession): PortalFeatures {
  const id = session.configuration;
  return rowOf(sim.tables.portalConfigurations, "configuration", id).features;
}
