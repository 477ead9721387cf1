import { rowOf, StripeFault } from "../http/fault";
import type { WayToPay } from "../rules/complete-checkout";
import { completeCheckout, waysToPay } from "../rules/complete-checkout";
import type { Simulation } from "../simulation";
import type { StoredSession } from "../tables";
import type { Html } from "./html";
import { html } from "./html";
import { layout } from "./layout";
import type { PageAnswer } from "./page";
import type { Language } from "./words";
import { languageOf, money, wordsFor } from "./words";

export function checkoutPage(sim: Simulation, id: string, accepts: string): PageAnswer {
  const session = rowOf(sim.tables.sessions, "checkout.session", id);
  const language = languageOf(session.locale, accepts);
  return session.status === "open"
    ? { markup: checkoutMarkup(sim, session, language, null) }
    : { markup: closedMarkup(session, language), status: 410 };
}

/** Pays; the events go out behind the person's back while the browser is sent on at once. */
export function payOnPage(
  sim: Simulation,
  id: string,
  form: URLSearchParams,
  accepts: string,
): PageAnswer {
  const session = rowOf(sim.tables.sessions, "checkout.session", id);
  const language = languageOf(session.locale, accepts);
  if (session.status !== "open") {
    return { markup: closedMarkup(session, language), status: 410 };
  }
  try {
    completeCheckout(sim, session, wayToPay(form));
  } catch (error) {
    if (error instanceof StripeFault && error.code === "card_declined") {
      const { declined } = wordsFor(language);
      return { markup: checkoutMarkup(sim, session, language, declined), status: 402 };
    }
    throw error;
  }
  return { location: successUrl(session) };
}

export function successUrl(session: StoredSession): string {
  return (session.success_url ?? "/").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function wayToPay(form: URLSearchParams): WayToPay {
  return waysToPay.find((way) => way === form.get("how")) ?? "card";
}

function checkoutMarkup(
  sim: Simulation,
  session: StoredSession,
  language: Language,
  error: string | null,
): string {
  const words = wordsFor(language);
  const button = session.mode === "subscription" ? words.subscribe : words.pay;
  const email = sim.tables.customers.get(session.customer ?? "")?.email;
  const total = money(session.amount_total, session.currency, language);
  const body = html`<h1>${words.checkout}</h1>
${error && html`<p class="error" role="alert" data-testid="error">${error}</p>`}
<section aria-label="${words.item}">${linesTable(sim, session, language)}</section>
<form class="card" method="post">
${email && html`<p class="soft">${words.email}${words.colon}<span data-testid="email">${email}</span></p>`}
<fieldset><legend>${words.how}</legend>${choices(session, language)}</fieldset>
<button class="main" type="submit" data-testid="pay">${button} ${total}</button>
</form>
${
  session.cancel_url !== null &&
  html`<p><a class="button" href="${session.cancel_url}" data-testid="back">${words.back}</a></p>`
}`;
  return layout(language, words.checkout, body);
}

function linesTable(sim: Simulation, session: StoredSession, language: Language): Html {
  const words = wordsFor(language);
  const lines = rowOf(sim.tables.orders, "order", session.id).lineItems;
  const discount = session.total_details?.amount_discount ?? 0;
  const show = (amount: number | null) => money(amount, session.currency, language);
  return html`<table>
<thead><tr><th scope="col">${words.item}</th><th scope="col" class="sum">${words.quantity}</th><th scope="col" class="sum">${words.amount}</th></tr></thead>
<tbody>${lines.map(
    (line) =>
      html`<tr><td>${line.description}</td><td class="sum">${line.quantity}</td><td class="sum">${show(line.amount_subtotal)}</td></tr>`,
  )}
${discount > 0 && html`<tr><td colspan="2">${words.discount}</td><td class="sum">−${show(discount)}</td></tr>`}</tbody>
<tfoot><tr><td colspan="2">${words.total}</td><td class="sum" data-testid="total">${show(session.amount_total)}</td></tr></tfoot>
</table>`;
}

function choices(session: StoredSession, language: Language): Html[] {
  const words = wordsFor(language);
  const all: [WayToPay, string, string][] = [
    ["card", "card", words.card],
    ["decline", "decline", words.decline],
    ["later", "pay-later", words.later],
    ["coupon", "coupon", words.coupon],
    ["alipay", "alipay", words.alipay],
    ["wechat_pay", "wechat-pay", words.wechat],
  ];
  const wallets: WayToPay[] = ["alipay", "wechat_pay"];
  return all
    .filter(([how]) => session.mode === "payment" || !wallets.includes(how))
    .map(
      ([how, testId, label]) =>
        html`<label class="choice"><input type="radio" name="how" value="${how}" data-testid="${testId}"${how === "card" && html` checked`}><span>${label}</span></label>`,
    );
}

function closedMarkup(session: StoredSession, language: Language): string {
  const words = wordsFor(language);
  const text = session.status === "complete" ? words.complete : words.expired;
  const target = session.status === "complete" ? successUrl(session) : session.cancel_url;
  const body = html`<h1>${words.gone}</h1><p>${text}</p>
${target !== null && html`<p><a class="button" href="${target}" data-testid="back">${words.returnTo}</a></p>`}`;
  return layout(language, words.gone, body);
}
