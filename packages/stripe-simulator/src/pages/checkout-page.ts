import { rowOf } from "../http/fault";
import { completeCheckout, type PaymentChoice, paymentChoices } from "../rules/complete-checkout";
import type { Simulation } from "../simulation";
import type { StoredSession } from "../tables";
import { type Html, html } from "./html";
import { layout, type PageResponse } from "./layout";
import { languageFor, type PageLanguage } from "./words";

export function checkoutPage(sim: Simulation, id: string, accepts: string): PageResponse {
  const session = rowOf(sim.tables.sessions, "checkout.session", id);
  const language = languageFor(session.locale, accepts);
  return session.status === "open"
    ? { markup: checkoutMarkup(sim, session, language) }
    : { markup: closedMarkup(session, language), status: 410 };
}

/** Pays. The events are delivered while the browser is redirected. */
export function payOnPage(
  sim: Simulation,
  id: string,
  form: URLSearchParams,
  accepts: string,
): PageResponse {
  const session = rowOf(sim.tables.sessions, "checkout.session", id);
  if (session.status !== "open") {
    return checkoutPage(sim, id, accepts);
  }
  const how = paymentChoices.find((way) => way === form.get("how")) ?? "card";
  if (completeCheckout(sim, session, how) === "declined") {
    const language = languageFor(session.locale, accepts);
    return {
      markup: checkoutMarkup(sim, session, language, language.text("declined")),
      status: 402,
    };
  }
  return { location: successUrl(session) };
}

function successUrl(session: StoredSession): string {
  return (session.success_url ?? "/").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function checkoutMarkup(
  sim: Simulation,
  session: StoredSession,
  language: PageLanguage,
  error?: string,
): string {
  const { text, money } = language;
  const email = sim.tables.customers.get(session.customer ?? "")?.email;
  const action = text(session.mode === "subscription" ? "subscribe" : "pay");
  const body = html`<h1>${text("checkout")}</h1>
${error && html`<p class="error" role="alert" data-testid="error">${error}</p>`}
<section aria-label="${text("item")}">${linesTable(sim, session, language)}</section>
${trialLine(sim, session, language)}
<form class="card" method="post">
${email && html`<p class="soft">${text("email")}${text("colon")}<span data-testid="email">${email}</span></p>`}
<fieldset><legend>${text("how")}</legend>${choices(session, language)}</fieldset>
<button class="main" type="submit" data-testid="pay">${action} ${money(session.amount_total, session.currency)}</button>
</form>
${session.cancel_url && backLink(session.cancel_url, text("back"))}`;
  return layout(language, text("checkout"), body);
}

/** The end of the trial, from which the prices above apply. */
function trialLine(sim: Simulation, session: StoredSession, { text, day }: PageLanguage) {
  const { trialDays } = rowOf(sim.tables.orders, "order", session.id).subscription;
  if (trialDays === null) {
    return false;
  }
  const until = day(sim.nowSeconds() + trialDays * 86_400);
  return html`<p data-testid="trial">${text("freeUntil")}${text("colon")}${until}</p>`;
}

function linesTable(sim: Simulation, session: StoredSession, { text, money }: PageLanguage): Html {
  const lines = rowOf(sim.tables.orders, "order", session.id).lineItems;
  const discount = session.total_details?.amount_discount ?? 0;
  const show = (amount: number | null) => money(amount, session.currency);
  return html`<table>
<thead><tr><th scope="col">${text("item")}</th><th scope="col" class="sum">${text("quantity")}</th><th scope="col" class="sum">${text("amount")}</th></tr></thead>
<tbody>${lines.map(
    (line) =>
      html`<tr><td>${line.description}</td><td class="sum">${line.quantity}</td><td class="sum">${show(line.amount_subtotal)}</td></tr>`,
  )}
${discount > 0 && html`<tr><td colspan="2">${text("discount")}</td><td class="sum">−${show(discount)}</td></tr>`}</tbody>
<tfoot><tr><td colspan="2">${text("total")}</td><td class="sum" data-testid="total">${show(session.amount_total)}</td></tr></tfoot>
</table>`;
}

function choices(session: StoredSession, { text }: PageLanguage): Html[] {
  const all: [PaymentChoice, string, string][] = [
    ["card", "card", text("card")],
    ["decline", "decline", text("decline")],
    ["later", "pay-later", text("later")],
    ["coupon", "coupon", text("coupon")],
    ["alipay", "alipay", text("alipay")],
    ["wechat_pay", "wechat-pay", text("wechat")],
  ];
  const wallets: PaymentChoice[] = ["alipay", "wechat_pay"];
  return all
    .filter(([how]) => !wallets.includes(how) || session.payment_method_types.includes(how))
    .map(
      ([how, testId, label]) =>
        html`<label class="choice"><input type="radio" name="how" value="${how}" data-testid="${testId}"${how === "card" && html` checked`}><span>${label}</span></label>`,
    );
}

function closedMarkup(session: StoredSession, language: PageLanguage): string {
  const { text } = language;
  const isPaid = session.status === "complete";
  const target = isPaid ? successUrl(session) : session.cancel_url;
  const body = html`<h1>${text("gone")}</h1><p>${text(isPaid ? "complete" : "expired")}</p>
${target && backLink(target, text("returnTo"))}`;
  return layout(language, text("gone"), body);
}

export function backLink(url: string, label: string): Html {
  return html`<p><a class="button" href="${url}" data-testid="back">${label}</a></p>`;
}
