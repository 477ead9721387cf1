import { invalid, rowOf } from "../http/fault";
import { collectInvoice } from "../rules/collect-invoice";
import type { Simulation } from "../simulation";
import type { StoredInvoice } from "../tables";
import type { Html } from "./html";
import { html } from "./html";
import { layout } from "./layout";
import type { PageAnswer } from "./page";
import type { Language } from "./words";
import { day, languageOf, money, wordsFor } from "./words";

export function invoicePage(sim: Simulation, id: string, accepts: string): PageAnswer {
  const invoice = rowOf(sim.tables.invoices, "invoice", id);
  const language = languageOf(null, accepts);
  const words = wordsFor(language);
  const show = (amount: number) => money(amount, invoice.currency, language);
  const off = (invoice.total_discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const title = `${words.invoice} ${invoice.number ?? ""}`;
  const body = html`<h1>${title}</h1>
<section><p>${day(invoice.created, language)} · ${statusLabel(invoice.status, language)}</p>
<table>
<thead><tr><th scope="col">${words.item}</th><th scope="col" class="sum">${words.amount}</th></tr></thead>
<tbody>${invoice.lines.data.map(
    (line) =>
      html`<tr><td>${line.description}<br><span class="soft">${day(line.period.start, language)} – ${day(line.period.end, language)}</span></td><td class="sum">${show(line.amount)}</td></tr>`,
  )}
${off > 0 && html`<tr><td>${words.discount}</td><td class="sum">−${show(off)}</td></tr>`}</tbody>
<tfoot><tr><td>${words.amount}</td><td class="sum">${show(invoice.total)}</td></tr></tfoot>
</table></section>
${invoice.status === "open" && html`<form method="post"><button class="main" type="submit" data-testid="pay">${words.pay} ${show(invoice.amount_remaining)}</button></form>`}`;
  return { markup: layout(language, title, body) };
}

/** Pays an open invoice by a card that works (unless a decline was planned for it). */
export function payOnInvoice(sim: Simulation, id: string): PageAnswer {
  const invoice = rowOf(sim.tables.invoices, "invoice", id);
  if (invoice.status !== "open") {
    throw invalid(`Invoice ${id} is ${invoice.status}`);
  }
  collectInvoice(sim, invoice);
  return { location: `/invoice/${id}` };
}

export function receiptPage(sim: Simulation, id: string, accepts: string): PageAnswer {
  const charge = rowOf(sim.tables.charges, "charge", id);
  const language = languageOf(null, accepts);
  const words = wordsFor(language);
  const show = (amount: number) => money(amount, charge.currency, language);
  const body = html`<h1>${words.receipt}</h1>
<section><p>${day(charge.created, language)}</p><table><tbody>
<tr><th scope="row">${words.charge}</th><td class="sum">${show(charge.amount)}</td></tr>
${charge.amount_refunded > 0 && html`<tr><th scope="row">${words.refunded}</th><td class="sum">−${show(charge.amount_refunded)}</td></tr>`}
</tbody></table></section>`;
  return { markup: layout(language, words.receipt, body) };
}

export function invoiceTable(invoices: StoredInvoice[], language: Language): Html {
  const words = wordsFor(language);
  if (invoices.length === 0) {
    return html`<p>${words.noInvoices}</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${words.invoices}"><table>
<thead><tr><th scope="col">${words.number}</th><th scope="col">${words.date}</th><th scope="col">${words.status}</th><th scope="col" class="sum">${words.amount}</th></tr></thead>
<tbody>${invoices.map(
    (invoice) =>
      html`<tr><td><a href="/invoice/${invoice.id}">${invoice.number ?? words.draft}</a></td><td>${day(invoice.created, language)}</td><td>${statusLabel(invoice.status, language)}</td><td class="sum">${money(invoice.total, invoice.currency, language)}</td></tr>`,
  )}</tbody></table></div>`;
}

function statusLabel(status: string | null, language: Language): string {
  const words = wordsFor(language);
  const labels: Record<string, string> = {
    draft: words.draft,
    open: words.open,
    paid: words.paid,
    void: words.void,
    uncollectible: words.uncollectible,
  };
  return labels[status ?? ""] ?? "";
}
