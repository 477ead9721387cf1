import type Stripe from "stripe";
import { rowOf } from "../http/fault";
import { productName, unitAmount } from "../rules/bill-subscription";
import { planItem } from "../rules/change-subscription";
import {
  cancelInPortal,
  changeCard,
  checkFlow,
  type PortalFeatures,
  type PortalFlow,
  switchInPortal,
  takesEffectLater,
} from "../rules/portal-flow";
import { previewSwitch } from "../rules/preview-invoice";
import type { Simulation } from "../simulation";
import type { StoredPortalSession, StoredSubscription } from "../tables";
import { backLink } from "./checkout-page";
import { type Html, html } from "./html";
import { layout, type PageResponse } from "./layout";
import type { PageLanguage } from "./words";

/** The page of one flow: what it does, the button that does it, and the way back. */
export function flowPage(
  sim: Simulation,
  session: StoredPortalSession,
  { flow, language }: { flow: PortalFlow; language: PageLanguage },
): PageResponse {
  const { text } = language;
  const features = rowOf(
    sim.tables.portalConfigurations,
    "configuration",
    session.configuration,
  ).features;
  const { title, content, confirm } = describe(sim, flow, { features, language });
  const body = html`<h1>${title}</h1>
<form class="card" method="post">${content}
<button class="main" type="submit" data-testid="confirm">${confirm}</button></form>
${session.return_url && backLink(session.return_url, text("back"))}`;
  return { markup: layout(language, title, body) };
}

/** Does what the flow is for, and goes where it says. It is checked again, because time has passed. */
export function runFlow(
  sim: Simulation,
  session: StoredPortalSession,
  flow: PortalFlow,
  features: PortalFeatures,
): PageResponse {
  checkFlow(sim, flow, { customer: session.customer, features });
  const { subscription_cancel: cancel, subscription_update_confirm: update } = flow;
  if (cancel) {
    cancelInPortal(sim, subscriptionOf(sim, cancel.subscription));
  } else if (update) {
    const price = rowOf(sim.tables.prices, "price", update.items[0]?.price ?? "");
    switchInPortal(sim, subscriptionOf(sim, update.subscription), { price, features });
  } else {
    changeCard(sim, session.customer);
  }
  return { location: flow.after_completion.redirect?.return_url ?? session.return_url ?? "/" };
}

function describe(
  sim: Simulation,
  flow: PortalFlow,
  { features, language }: { features: PortalFeatures; language: PageLanguage },
): { title: string; content: Html; confirm: string } {
  const { text, day, money } = language;
  const { subscription_cancel: cancel, subscription_update_confirm: update } = flow;
  if (cancel) {
    const { price, current_period_end: end } = planItem(subscriptionOf(sim, cancel.subscription));
    const content = html`<h2>${productName(sim, price)}</h2>
<p>${text("endsOn")}${text("colon")}${day(end)}</p><p class="soft">${text("cancelHint")}</p>`;
    return { title: text("cancel"), content, confirm: text("cancel") };
  }
  if (update) {
    const subscription = subscriptionOf(sim, update.subscription);
    const price = rowOf(sim.tables.prices, "price", update.items[0]?.price ?? "");
    const quantity = planItem(subscription).quantity ?? 1;
    const isLater = takesEffectLater(subscription, price, features);
    const due = isLater ? 0 : previewSwitch(sim, subscription, { price, quantity }).amount_due;
    const content = html`<h2>${label(sim, subscription, price, language)}</h2>
<p>${text(isLater ? "switchLater" : "switchNow")}</p>
<p>${text("total")}${text("colon")}<span data-testid="due">${money(due, subscription.currency)}</span></p>`;
    return { title: text("confirmSwitch"), content, confirm: text("confirm") };
  }
  const content = html`<p>${text("card")}</p>`;
  return { title: text("changeCard"), content, confirm: text("saveCard") };
}

function label(
  sim: Simulation,
  subscription: StoredSubscription,
  price: Stripe.Price,
  { text, money }: PageLanguage,
): string {
  const every = text(price.recurring?.interval === "year" ? "perYear" : "perMonth");
  const amount = money(unitAmount(sim, subscription, price), subscription.currency);
  return `${productName(sim, price)}, ${amount} ${every}`;
}

function subscriptionOf(sim: Simulation, id: string): StoredSubscription {
  return rowOf(sim.tables.subscriptions, "subscription", id);
}
