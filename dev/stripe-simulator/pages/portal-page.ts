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
import type { Html } from "./html";
import { html } from "./html";
import { invoiceTable } from "./invoice-page";
import { layout } from "./layout";
import type { PageAnswer } from "./page";
import type { Language } from "./words";
import { day, languageOf, money, wordsFor } from "./words";

type Features = Stripe.BillingPortal.Configuration["features"];

export function portalPage(sim: Simulation, id: string, accepts: string): PageAnswer {
  const session = rowOf(sim.tables.portalSessions, "billing_portal.session", id);
  const language = languageOf(session.locale, accepts);
  const words = wordsFor(language);
  const features = featuresOf(sim, session);
  const subscriptions = liveSubscriptions(sim, session.customer);
  const invoices = [...sim.tables.invoices.values()]
    .filter((invoice) => invoice.customer === session.customer)
    .reverse();
  const body = html`<h1>${words.portal}</h1>
${subscriptions.length === 0 && html`<section><p>${words.noSubscription}</p></section>`}
${subscriptions.map((one) => subscriptionSection(sim, one, features, language))}
${
  features.invoice_history.enabled &&
  html`<h2>${words.invoices}</h2><section>${invoiceTable(invoices, language)}</section>`
}
${
  session.return_url !== null &&
  html`<p><a class="button" href="${session.return_url}" data-testid="back">${words.returnTo}</a></p>`
}`;
  return { markup: layout(language, words.portal, body) };
}

/** Does what a button of the portal asks, within what its configuration allows. */
export function actInPortal(sim: Simulation, id: string, form: URLSearchParams): PageAnswer {
  const session = rowOf(sim.tables.portalSessions, "billing_portal.session", id);
  const features = featuresOf(sim, session);
  const wanted = form.get("subscription");
  const subscription = liveSubscriptions(sim, session.customer).find((one) => one.id === wanted);
  if (!subscription) {
    throw invalid("This subscription is over.");
  }
  switch (form.get("action")) {
    case "cancel":
      cancel(sim, subscription, features.subscription_cancel);
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

function cancel(
  sim: Simulation,
  subscription: StoredSubscription,
  feature: Features["subscription_cancel"],
): void {
  if (!feature.enabled) {
    throw invalid("This portal does not cancel subscriptions.");
  }
  cancelAtPeriodEnd(sim, subscription, "portal");
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
  language: Language,
): Html {
  const words = wordsFor(language);
  const item = planItem(subscription);
  const ends = subscription.cancel_at ?? null;
  const planned = sim.tables.prices.get(sim.tables.plannedSwitches.get(subscription.id) ?? "");
  return html`<section data-testid="subscription">
<h2>${productName(sim, item.price)}</h2>
<p>${priceLabel(item.price, language)}</p>
<p>${words.status}${words.colon}<span data-testid="status">${statusLabel(subscription.status, language)}</span></p>
<p>${ends === null ? words.renews : words.endsOn}${words.colon}${day(ends ?? item.current_period_end, language)}</p>
${planned && html`<p data-testid="planned">${words.changesTo} ${priceLabel(planned, language)}</p>`}
${
  ends === null
    ? html`${offers(sim, subscription, features).map((price) => switchForm(subscription, price, features, language))}
${features.subscription_cancel.enabled && actionForm(subscription, "cancel", words.cancel)}<p class="soft">${words.cancelHint}</p>`
    : actionForm(subscription, "resume", words.resume)
}</section>`;
}

function actionForm(subscription: StoredSubscription, action: string, label: string): Html {
  return html`<form method="post"><input type="hidden" name="action" value="${action}"><input type="hidden" name="subscription" value="${subscription.id}"><button type="submit" data-testid="${action}">${label}</button></form>`;
}

function switchForm(
  subscription: StoredSubscription,
  price: StoredPrice,
  features: Features,
  language: Language,
): Html {
  const words = wordsFor(language);
  const late = takesEffectLater(subscription, price, features);
  return html`<form method="post" class="row"><input type="hidden" name="action" value="switch"><input type="hidden" name="subscription" value="${subscription.id}"><input type="hidden" name="price" value="${price.id}"><button type="submit" data-testid="switch-${price.id}">${words.switchTo} ${priceLabel(price, language)}</button> <span class="soft">${late ? words.switchLater : words.switchNow}</span></form>`;
}

/** The other plans the configuration lets this subscription change to. */
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

function takesEffectLater(
  subscription: StoredSubscription,
  price: StoredPrice,
  { subscription_update: feature }: Features,
): boolean {
  const current = planItem(subscription).price;
  return (
    feature.schedule_at_period_end.conditions.some(({ type }) => type === "shortening_interval") &&
    intervalDays(price) < intervalDays(current)
  );
}

function intervalDays({ recurring }: Stripe.Price): number {
  const days: Record<string, number> = { day: 1, week: 7, month: 30, year: 365 };
  return (days[recurring?.interval ?? "month"] ?? 30) * (recurring?.interval_count ?? 1);
}

function priceLabel(price: Stripe.Price, language: Language): string {
  const words = wordsFor(language);
  const amount = money(price.unit_amount, price.currency, language);
  return `${amount} ${price.recurring?.interval === "year" ? words.perYear : words.perMonth}`;
}

function statusLabel(status: string, language: Language): string {
  const { active, trialing, past_due, canceled, incomplete } = wordsFor(language);
  const labels: Record<string, string> = { active, trialing, past_due, canceled, incomplete };
  return labels[status] ?? status;
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
