import { rowOf } from "../http/fault";
import { isPayable, payInvoice } from "../rules/collect-invoice";
import type { Simulation } from "../simulation";
import type { StoredInvoice } from "../tables";
import { type Html, html } from "./html";
import { layout, type PageResponse } from "./layout";
import { languageFor, type PageLanguage } from "./words";

export function invoicePage(sim: Simulation, id: string, accepts: string): PageResponse {
  const invoice = rowOf(sim.tables.invoices, "invoice", id);
  const language = languageFor(null, accepts);
  const { text, money, day, status } = language;
  const show = (amount: number) => money(amount, invoice.currency);
  const off = (invoice.total_discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const title = `${text("invoice")} ${invoice.number ?? ""}`;
  const body = html`<h1>${title}</h1>
<section><p>${day(invoice.created)} · ${status(invoice.status)}</p>
<table>
<thead><tr><th scope="col">${text("item")}</th><th scope="col" class="sum">${text("amount")}</th></tr></thead>
<tbody>${invoice.lines.data.map(
    (line) =>
      html`<tr><td>${line.description}${line.period.end > line.period.start && html`<br><span class="soft">${day(line.period.start)} – ${day(line.period.end)}</span>`}</td><td class="sum">${show(line.amount)}</td></tr>`,
  )}
${off > 0 && html`<tr><td>${text("discount")}</td><td class="sum">−${show(off)}</td></tr>`}</tbody>
<tfoot><tr><td>${text("amount")}</td><td class="sum">${show(invoice.total)}</td></tr></tfoot>
</table></section>
${isPayable(invoice) && html`<form method="post"><button class="main" type="submit" data-testid="pay">${text("pay")} ${show(invoice.amount_remaining)}</button></form>`}`;
  return { markup: layout(language, title, body) };
}

export function payOnInvoice(sim: Simulation, id: string): PageResponse {
  payInvoice(sim, rowOf(sim.tables.invoices, "invoice", id));
  return { location: `/invoice/${id}` };
}

export function receiptPage(sim: Simulation, id: string, accepts: string): PageResponse {
  const charge = rowOf(sim.tables.charges, "charge", id);
  const language = languageFor(null, accepts);
  const { text, money, day } = language;
  const body = html`<h1>${text("receipt")}</h1>
<section><p>${day(charge.created)}</p><table><tbody>
<tr><th scope="row">${text("charge")}</th><td class="sum">${money(charge.amount, charge.currency)}</td></tr>
${charge.amount_refunded > 0 && html`<tr><th scope="row">${text("refunded")}</th><td class="sum">−${money(charge.amount_refunded, charge.currency)}</td></tr>`}
</tbody></table></section>`;
  return { markup: layout(language, text("receipt"), body) };
}

export function invoiceTable(
  invoices: StoredInvoice[],
  { text, money, day, status }: PageLanguage,
): Html {
  if (invoices.length === 0) {
    return html`<p>${text("noInvoices")}</p>`;
  }
  return html`<table>
<thead><tr><th scope="col">${text("number")}</th><th scope="col">${text("date")}</th><th scope="col" class="sum">${text("amount")}</th></tr></thead>
<tbody>${invoices.map(
    (one) =>
      html`<tr><td><a href="/invoice/${one.id}">${one.number ?? text("draft")}</a></td><td>${day(one.created)}<br><span class="soft">${status(one.status)}</span></td><td class="sum">${money(one.total, one.currency)}</td></tr>`,
  )}</tbody></table>`;
}
