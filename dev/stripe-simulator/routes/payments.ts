import { rowOf } from "../http/fault";
import type { Params } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, retrieveRoute, route } from "../http/route";
import { chargeFor, refundCharge } from "../rules/refund-charge";
import type {
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
  route("POST", "/v1/refunds", createRefund),
  retrieveRoute("/v1/refunds", "refund", (sim) => sim.tables.refunds),
  listRoute<StoredRefund>("/v1/refunds", (sim) => sim.tables.refunds.values(), ofPayment),
  retrieveRoute("/v1/disputes", "dispute", (sim) => sim.tables.disputes),
  listRoute<StoredDispute>("/v1/disputes", (sim) => sim.tables.disputes.values(), ofPayment),
];

interface OfPayment {
  payment_intent: string | null;
}

function ofPayment(params: Params): ((one: OfPayment) => boolean)[] {
  return [
    matching<OfPayment, string | null>(
      params.string("payment_intent"),
      (one) => one.payment_intent,
    ),
  ];
}

function createRefund({ sim, params }: Call) {
  const intent = params.required("payment_intent");
  const amount = params.integer("amount");
  const reasons = ["duplicate", "fraudulent", "requested_by_customer"] as const;
  const reason = params.oneOf("reason", reasons);
  return () => refundCharge(sim, chargeFor(sim, intent), { amount, reason });
}
