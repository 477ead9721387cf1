import { z } from "zod";
import { rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { listOf, metadata, text, whole } from "../http/params";
import { fits, listRoute, mergeMetadata, retrieveRoute, route } from "../http/route";
import { creditInvoice } from "../rules/credit-invoice";

const part = whole.pipe(z.number().min(0));
const creditNote = z.strictObject({
  invoice: text.min(1),
  amount: whole,
  refund_amount: part.optional(),
  refunds: listOf(
    z.strictObject({
      refund: text.min(1),
      amount_refunded: part.optional(),
      type: z.enum(["refund"]).optional(),
    }),
  ).optional(),
  credit_amount: part.optional(),
  out_of_band_amount: part.optional(),
  reason: z.enum(["duplicate", "fraudulent", "order_change", "product_unsatisfactory"]).optional(),
  email_type: z.enum(["credit_note", "none"]).optional(),
  memo: text.optional(),
  metadata: metadata.optional(),
});

export const creditNoteRoutes = [
  route("POST", "/v1/credit_notes", creditNote, ({ sim, given }) => {
    const invoice = rowOf(sim.tables.invoices, "invoice", given.invoice, "invoice");
    return creditInvoice(sim, invoice, {
      ...given,
      metadata: mergeMetadata({}, given.metadata),
    });
  }),
  retrieveRoute("/v1/credit_notes", "credit_note", (sim) => sim.tables.creditNotes),
  listRoute(
    "/v1/credit_notes",
    (sim) => sim.tables.creditNotes.values(),
    z.strictObject({ ...paging, invoice: text.optional(), customer: text.optional() }),
    (one, { invoice, customer }) => fits(invoice, one.invoice) && fits(customer, one.customer),
  ),
  listRoute(
    "/v1/customers/:id/balance_transactions",
    (sim, id) =>
      [...sim.tables.customerBalanceTransactions.values()].filter((one) => one.customer === id),
    z.strictObject({ ...paging, invoice: text.optional() }),
    (one, { invoice }) => fits(invoice, one.invoice),
  ),
];
