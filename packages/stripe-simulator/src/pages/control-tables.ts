import type Stripe from "stripe";
import type { Delivery } from "../deliveries";
import { isOver, planItem } from "../rules/change-subscription";
import { isChargedBack } from "../rules/refund-charge";
import { awaitsDebit } from "../rules/settle-session";
import type { Simulation } from "../simulation";
import type {
  StoredCharge,
  StoredDispute,
  StoredInvoice,
  StoredRefund,
  StoredSession,
  StoredSubscription,
} from "../tables";
import { button, type Fragment, type Html, hidden, html } from "./html";
import { english } from "./words";

const SHOWN = 25;
const { money } = english;

/** Everything in the simulated account, newest first, with a button for each possible action. */
export function controlTables(sim: Simulation): Html {
  const { tables, deliveries } = sim;
  return html`
${table(
  "Checkout sessions",
  ["Session", "Customer", "Amount", "Status", ""],
  newest(tables.sessions.values(), (session) => sessionRow(sim, session)),
)}
${table("Subscriptions", ["Subscription", "Price", "Period ends", "Status", ""], newest(tables.subscriptions.values(), subscriptionRow))}
${table("Invoices", ["Invoice", "Reason", "Total", "Status"], newest(tables.invoices.values(), invoiceRow))}
${table(
  "Charges",
  ["Charge", "Amount", "Refunded", "Status", ""],
  newest(tables.charges.values(), (charge) => chargeRow(sim, charge)),
)}
${table("Disputes", ["Dispute", "Charge", "Amount", "Status", ""], newest(tables.disputes.values(), disputeRow))}
${table("Refunds", ["Refund", "Amount", "Status", ""], newest(tables.refunds.values(), refundRow))}
${table("Customers", ["Customer", "Email", "Balance", ""], newest(tables.customers.values(), customerRow))}
${table("Events", ["Event", "Type", "At", ""], newest(tables.events.values(), eventRow))}
${table("Deliveries", ["Event", "Type", "Attempt", "Response"], newest(deliveries.log, deliveryRow))}`;
}

function sessionRow(sim: Simulation, one: StoredSession): Fragment[] {
  const settling = [
    actionButton("settle", one.id, "Debit arrives"),
    actionButton("settle-fail", one.id, "Debit fails"),
  ];
  return [
    code(one.id),
    code(one.customer ?? "guest"),
    money(one.amount_total, one.currency),
    `${one.status}, ${one.payment_status}`,
    one.status === "open"
      ? html`<a class="button" href="/pay/${one.id}">Open</a>`
      : awaitsDebit(sim, one) && settling,
  ];
}

function subscriptionRow(one: StoredSubscription): Fragment[] {
  const item = planItem(one);
  return [
    code(one.id),
    item.price.id,
    instant(item.current_period_end),
    one.cancel_at === null ? one.status : `${one.status}, ends ${instant(one.cancel_at)}`,
    !isOver(one) && [
      actionButton("fail-next", one.id, "Decline next charge"),
      actionButton("cancel", one.id, "Cancel now"),
    ],
  ];
}

function invoiceRow(one: StoredInvoice): Fragment[] {
  const next = one.next_payment_attempt;
  return [
    html`<a href="/invoice/${one.id}"><code>${one.number ?? one.id}</code></a>`,
    one.billing_reason,
    money(one.total, one.currency),
    next === null ? one.status : `${one.status}, next attempt ${instant(next)}`,
  ];
}

function chargeRow(sim: Simulation, one: StoredCharge): Fragment[] {
  const dispute = [...sim.tables.disputes.values()].find(({ charge }) => charge === one.id);
  const refundable = one.paid && !one.refunded && !isChargedBack(sim, one);
  return [
    code(one.id),
    money(one.amount, one.currency),
    money(one.amount_refunded, one.currency),
    dispute ? `${one.status}, dispute ${dispute.status}` : one.status,
    refundable && [refundForm(one), !one.disputed && actionButton("dispute", one.id, "Dispute")],
  ];
}

function disputeRow(one: StoredDispute): Fragment[] {
  const isOpen = one.status === "needs_response";
  return [
    code(one.id),
    code(one.charge),
    money(one.amount, one.currency),
    one.status,
    isOpen && [
      actionButton("win", one.id, "Win dispute"),
      actionButton("lose", one.id, "Lose dispute"),
    ],
  ];
}

function refundRow(one: StoredRefund): Fragment[] {
  const canFail = one.status === "succeeded";
  const amount = money(one.amount, one.currency);
  return [
    code(one.id),
    amount,
    one.status,
    canFail && actionButton("fail-refund", one.id, "Fails"),
  ];
}

function customerRow(one: Stripe.Customer): Fragment[] {
  const balance = money(one.balance, one.currency ?? "usd");
  return [
    code(one.id),
    one.email,
    balance,
    actionButton("fail-next", one.id, "Decline next charge"),
  ];
}

function eventRow(one: Stripe.EventBase): Fragment[] {
  const again = actionButton("redeliver", one.id, "Deliver again");
  return [code(one.id), one.type, instant(one.created), again];
}

function deliveryRow(one: Delivery): Fragment[] {
  const result = `${one.outcome} ${one.status ?? ""}`;
  return [code(one.eventId), one.eventType, one.attempt, result];
}

function refundForm({ id, amount, amount_refunded: refunded }: StoredCharge): Html {
  const left = amount - refunded;
  return html`<form method="post" class="row">${hidden({ action: "refund", id })}<label>Cents <input type="number" name="amount" min="1" max="${left}" value="${left}"></label><button type="submit" data-testid="refund-${id}">Refund</button></form>`;
}

function actionButton(action: string, id: string, label: string): Html {
  return button(`${action}-${id}`, label, { action, id });
}

function table(title: string, headings: string[], rows: Fragment[][]): Html {
  if (rows.length === 0) {
    return html`<section><h2>${title}</h2><p class="soft">None.</p></section>`;
  }
  return html`<section><h2>${title}</h2><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div></section>`;
}

function newest<T>(rows: Iterable<T>, row: (one: T) => Fragment[]): Fragment[][] {
  return [...rows].slice(-SHOWN).reverse().map(row);
}

function code(text: string): Html {
  return html`<code>${text}</code>`;
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 16);
}
