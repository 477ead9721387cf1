import { cardDeclined, invalid, rowOf } from "../http/fault";
import type { Params } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, mergeMetadata, retrieveRoute, route } from "../http/route";
import {
  collectInvoice,
  finalizeInvoice,
  markInvoicePaid,
  voidInvoice,
} from "../rules/collect-invoice";
import { chargeFor, refundCharge } from "../rules/refund-charge";
import type { Simulation } from "../simulation";
import type {
  StoredCharge,
  StoredDispute,
  StoredInvoice,
  StoredInvoicePayment,
  StoredPaymentIntent,
  StoredRefund,
} from "../tables";

export const paymentRoutes = [
  retrieveRoute("/v1/invoices", "invoice", (sim) => sim.tables.invoices),
  listRoute<StoredInvoice>(
    "/v1/invoices",
    (sim) => sim.tables.invoices.values(),
    (params) => [
      matching<StoredInvoice, string | null>(params.string("customer"), (one) => one.customer),
      matching<StoredInvoice, string | null>(params.string("status"), (one) => one.status),
      matching<StoredInvoice, unknown>(
        params.string("subscription"),
        (one) => one.parent?.subscription_details?.subscription,
      ),
    ],
  ),
  listRoute(
    "/v1/invoices/:id/lines",
    // Lines have no instant of their own; lists turn newest first, these stay in order.
    (sim, id) => [...rowOf(sim.tables.invoices, "invoice", id).lines.data].reverse(),
  ),
  route("POST", "/v1/invoices/:id/pay", payInvoice),
  route("POST", "/v1/invoices/:id/void", ({ sim, id }) => () => {
    const invoice = openInvoice(sim, id);
    voidInvoice(sim, invoice);
    return invoice;
  }),
  listRoute<StoredInvoicePayment>(
    "/v1/invoice_payments",
    (sim) => sim.tables.invoicePayments.values(),
    (params) => {
      const payment = params.child("payment");
      payment?.oneOf("type", ["payment_intent"]);
      return [
        matching<StoredInvoicePayment, string>(params.string("invoice"), (one) => one.invoice),
        matching<StoredInvoicePayment, string>(params.string("status"), (one) => one.status),
        matching<StoredInvoicePayment, unknown>(
          payment?.string("payment_intent"),
          (one) => one.payment.payment_intent,
        ),
      ];
    },
  ),
  retrieveRoute("/v1/invoice_payments", "invoice_payment", (sim) => sim.tables.invoicePayments),
  retrieveRoute("/v1/payment_intents", "payment_intent", (sim) => sim.tables.paymentIntents),
  listRoute<StoredPaymentIntent>(
    "/v1/payment_intents",
    (sim) => sim.tables.paymentIntents.values(),
    (params) => [
      matching<StoredPaymentIntent, string | null>(
        params.string("customer"),
        (one) => one.customer,
      ),
    ],
  ),
  retrieveRoute("/v1/charges", "charge", (sim) => sim.tables.charges),
  listRoute<StoredCharge>(
    "/v1/charges",
    (sim) => sim.tables.charges.values(),
    (params) => [
      matching<StoredCharge, string | null>(params.string("customer"), (one) => one.customer),
      matching<StoredCharge, string | null>(
        params.string("payment_intent"),
        (one) => one.payment_intent,
      ),
    ],
  ),
  route("POST", "/v1/refunds", createRefund),
  retrieveRoute("/v1/refunds", "refund", (sim) => sim.tables.refunds),
  listRoute<StoredRefund>("/v1/refunds", (sim) => sim.tables.refunds.values(), ofCharge),
  retrieveRoute("/v1/disputes", "dispute", (sim) => sim.tables.disputes),
  listRoute<StoredDispute>("/v1/disputes", (sim) => sim.tables.disputes.values(), ofCharge),
];

interface OfCharge {
  charge: string | null;
  payment_intent: string | null;
}

function ofCharge(params: Params): ((one: OfCharge) => boolean)[] {
  return [
    matching<OfCharge, string | null>(params.string("charge"), (one) => one.charge),
    matching<OfCharge, string | null>(params.string("payment_intent"), (one) => one.payment_intent),
  ];
}

function payInvoice({ sim, params, id }: Call) {
  const elsewhere = params.boolean("paid_out_of_band") ?? false;
  params.boolean("off_session");
  params.string("payment_method");
  return () => {
    const invoice = rowOf(sim.tables.invoices, "invoice", id);
    if (invoice.status === "draft") {
      finalizeInvoice(sim, invoice);
    }
    openInvoice(sim, id);
    if (elsewhere) {
      markInvoicePaid(sim, invoice, true);
    } else if (collectInvoice(sim, invoice) === "declined") {
      throw cardDeclined();
    }
    return invoice;
  };
}

function openInvoice(sim: Simulation, id: string): StoredInvoice {
  const invoice = rowOf(sim.tables.invoices, "invoice", id);
  if (invoice.status === "paid") {
    throw invalid("Invoice is already paid");
  }
  if (invoice.status !== "open") {
    throw invalid(`Invoice ${id} is ${invoice.status}`);
  }
  return invoice;
}

function createRefund({ sim, params }: Call) {
  const chargeId = params.string("charge");
  const intentId = params.string("payment_intent");
  const amount = params.integer("amount");
  const reasons = ["duplicate", "fraudulent", "requested_by_customer"] as const;
  const reason = params.oneOf("reason", reasons);
  const metadata = mergeMetadata({}, params.metadata());
  if ((chargeId === undefined) === (intentId === undefined)) {
    throw invalid("One of the following params should be provided: payment_intent or charge.");
  }
  return () => {
    const charge = chargeFor(sim, chargeId ?? intentId ?? "");
    return refundCharge(sim, charge, { amount, reason, metadata });
  };
}
