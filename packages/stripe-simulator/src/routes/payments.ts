import { z } from "zod";
import { invalid, rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, listOf, metadata, none, text, whole } from "../http/params";
import { fits, listRoute, retrieveRoute, route } from "../http/route";
import { markUncollectible, voidInvoice } from "../rules/collect-invoice";
import { switchTarget } from "../rules/portal-flow";
import { previewInvoice, previewSwitch } from "../rules/preview-invoice";
import { chargeFor, refundCharge } from "../rules/refund-charge";

const invoiceFilters = z.strictObject({
  ...paging,
  customer: text.optional(),
  status: text.optional(),
  subscription: text.optional(),
});
const invoiceChange = z.strictObject({ auto_advance: flag });
/** The end of the period, or a switch of prices now that ends a trial, as in the portal. */
const preview = z.strictObject({
  subscription: text,
  subscription_details: z
    .strictObject({
      items: listOf(z.strictObject({ id: text, price: text, quantity: whole.optional() })),
      proration_behavior: z.literal("always_invoice"),
      trial_end: z.literal("now").optional(),
    })
    .optional(),
});
const invoicePaymentFilters = z.strictObject({
  ...paging,
  invoice: text.optional(),
  status: text.optional(),
  payment: z.strictObject({ type: z.enum(["payment_intent"]), payment_intent: text }).optional(),
});
const ofPayment = z.strictObject({ ...paging, payment_intent: text.optional() });
const refund = z.strictObject({
  payment_intent: text.min(1),
  amount: whole.optional(),
  reason: z.enum(["duplicate", "fraudulent", "requested_by_customer"]).optional(),
  metadata: metadata.optional(),
});

export const paymentRoutes = [
  retrieveRoute("/v1/invoices", "invoice", (sim) => sim.tables.invoices),
  listRoute(
    "/v1/invoices",
    (sim) => sim.tables.invoices.values(),
    invoiceFilters,
    (one, { status, customer, subscription }) =>
      fits(status, one.status) &&
      fits(customer, one.customer) &&
      fits(subscription, one.parent?.subscription_details?.subscription),
  ),
  route("POST", "/v1/invoices/create_preview", preview, ({ sim, given }) => {
    const subscription = rowOf(sim.tables.subscriptions, "subscription", given.subscription);
    const { items: [wanted] = [], trial_end: trialEnd } = given.subscription_details ?? {};
    if (wanted === undefined) return previewInvoice(sim, subscription);
    if (trialEnd === "now" && subscription.status !== "trialing") {
      throw invalid("This subscription is not in a trial.", "subscription_details[trial_end]");
    }
    const price = switchTarget(sim, subscription, wanted, "subscription_details[items][0]");
    return previewSwitch(sim, subscription, { price, quantity: wanted.quantity ?? 1 });
  }),
  route("POST", "/v1/invoices/:id", invoiceChange, ({ sim, id, given }) => {
    const invoice = rowOf(sim.tables.invoices, "invoice", id);
    if (invoice.status !== "draft" && invoice.status !== "open") {
      throw invalid(`This invoice is ${invoice.status}, so it never advances automatically.`);
    }
    return Object.assign(invoice, given);
  }),
  route("POST", "/v1/invoices/:id/void", none, ({ sim, id }) => {
    const invoice = rowOf(sim.tables.invoices, "invoice", id);
    voidInvoice(sim, invoice);
    return invoice;
  }),
  route("POST", "/v1/invoices/:id/mark_uncollectible", none, ({ sim, id }) => {
    const invoice = rowOf(sim.tables.invoices, "invoice", id);
    markUncollectible(sim, invoice);
    return invoice;
  }),
  listRoute(
    "/v1/invoices/:id/lines",
    // Lines have no timestamp. Lists are reversed to newest first, so these are reversed twice.
    (sim, id) => [...rowOf(sim.tables.invoices, "invoice", id).lines.data].reverse(),
    z.strictObject(paging),
  ),
  listRoute(
    "/v1/invoice_payments",
    (sim) => sim.tables.invoicePayments.values(),
    invoicePaymentFilters,
    (one, { invoice, status, payment }) =>
      fits(invoice, one.invoice) &&
      fits(status, one.status) &&
      fits(payment?.payment_intent, one.payment.payment_intent),
  ),
  retrieveRoute("/v1/payment_intents", "payment_intent", (sim) => sim.tables.paymentIntents),
  listRoute(
    "/v1/payment_intents",
    (sim) => sim.tables.paymentIntents.values(),
    z.strictObject(paging),
  ),
  retrieveRoute("/v1/charges", "charge", (sim) => sim.tables.charges),
  route("POST", "/v1/refunds", refund, ({ sim, given }) =>
    refundCharge(sim, chargeFor(sim, given.payment_intent), given),
  ),
  retrieveRoute("/v1/refunds", "refund", (sim) => sim.tables.refunds),
  listRoute(
    "/v1/refunds",
    (sim) => sim.tables.refunds.values(),
    ofPayment,
    (one, { payment_intent }) => fits(payment_intent, one.payment_intent),
  ),
  retrieveRoute(
    "/v1/radar/early_fraud_warnings",
    "early_fraud_warning",
    (sim) => sim.tables.earlyFraudWarnings,
  ),
  retrieveRoute("/v1/disputes", "dispute", (sim) => sim.tables.disputes),
  listRoute(
    "/v1/disputes",
    (sim) => sim.tables.disputes.values(),
    ofPayment,
    (one, { payment_intent }) => fits(payment_intent, one.payment_intent),
  ),
];
