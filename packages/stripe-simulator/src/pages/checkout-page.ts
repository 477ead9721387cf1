import { rowOf } from "../http/fault";
import { completeCheckout, type WayToPay, waysToPay } from "../rules/complete-checkout";
import type { Simulation } from "../simulation";
import type { StoredSession } from "../tables";
import { type Html, html } from "./html";
import { layout, type PageResponse } from "./layout";
import { type Speech, speechFor } from "./words";

export function checkoutPage(sim: Simulation, id: string, accepts: string): PageResponse {
  const session = rowOf(sim.tables.sessions, "checkout.session", id);
  const speech = speechFor(session.locale, accepts);
  return session.status === "open"
    ? { markup: checkoutMarkup(sim, session, speech) }
    : { markup: closedMarkup(session, speech), status: 410 };
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
  const how = waysToPay.find((way) => way === form.get("how")) ?? "card";
  if (completeCheckout(sim, session, how) === "declined") {
    const speech = speechFor(session.locale, accepts);
    return { markup: checkoutMarkup(sim, session, speech, speech.say("declined")), status: 402 };
  }
  return { location: successUrl(session) };
}

function successUrl(session: StoredSession): string {
  return (session.success_url ?? "/").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function checkoutMarkup(
  sim: Simulation,
  session: StoredSession,
  speech: Speech,
  error?: string,
): string {
  const { say, money } = speech;
  const email = sim.tables.customers.get(session.customer ?? "")?.email;
  const action = say(session.mode === "subscription" ? "subscribe" : "pay");
  const body = html`<h1>${say("checkout")}</h1>
${error && html`<p class="error" role="alert" data-testid="error">${error}</p>`}
<section aria-label="${say("item")}">${linesTable(sim, session, speech)}</section>
<form class="card" method="post">
${email && html`<p class="soft">${say("email")}${say("colon")}<span data-testid="email">${email}</span></p>`}
<fieldset><legend>${say("how")}</legend>${choices(session, speech)}</fieldset>
<button class="main" type="submit" data-testid="pay">${action} ${money(session.amount_total, session.currency)}</button>
</form>
${session.cancel_url && backLink(session.cancel_url, say("back"))}`;
  return layout(speech, say("checkout"), body);
}

function linesTable(sim: Simulation, session: StoredSession, { say, money }: Speech): Html {
  const lines = rowOf(sim.tables.orders, "order", session.id).lineItems;
  const discount = session.total_details?.amount_discount ?? 0;
  const show = (amount: number | null) => money(amount, session.currency);
  return html`<table>
<thead><tr><th scope="col">${say("item")}</th><th scope="col" class="sum">${say("quantity")}</th><th scope="col" class="sum">${say("amount")}</th></tr></thead>
<tbody>${lines.map(
    (line) =>
      html`<tr><td>${line.description}</td><td class="sum">${line.quantity}</td><td class="sum">${show(line.amount_subtotal)}</td></tr>`,
  )}
${discount > 0 && html`<tr><td colspan="2">${say("discount")}</td><td class="sum">−${show(discount)}</td></tr>`}</tbody>
<tfoot><tr><td colspan="2">${say("total")}</td><td class="sum" data-testid="total">${show(session.amount_total)}</td></tr></tfoot>
</table>`;
}

function choices(session: StoredSession, { say }: Speech): Html[] {
  const all: [WayToPay, string, string][] = [
    ["card", "card", say("card")],
    ["decline", "decline", say("decline")],
    ["later", "pay-later", say("later")],
    ["coupon", "coupon", say("coupon")],
    ["alipay", "alipay", say("alipay")],
    ["wechat_pay", "wechat-pay", say("wechat")],
  ];
  const wallets: WayToPay[] = ["alipay", "wechat_pay"];
  return all
    .filter(([how]) => session.mode === "payment" || !wallets.includes(how))
    .map(
      ([how, testId, label]) =>
        html`<label class="choice"><input type="radio" name="how" value="${how}" data-testid="${testId}"${how === "card" && html` checked`}><span>${label}</span></label>`,
    );
}

function closedMarkup(session: StoredSession, speech: Speech): string {
  const { say } = speech;
  const isPaid = session.status === "complete";
  const target = isPaid ? successUrl(session) : session.cancel_url;
  const body = html`<h1>${say("gone")}</h1><p>${say(isPaid ? "complete" : "expired")}</p>
${target && backLink(target, say("returnTo"))}`;
  return layout(speech, say("gone"), body);
}

export function backLink(url: string, label: string): Html {
  return html`<p><a class="button" href="${url}" data-testid="back">${label}</a></p>`;
}
