import type { Distance } from "../clock";
import type { Control } from "../control";
import type { DeliveryMode } from "../deliveries";
import { invalid } from "../http/fault";
import type { Site } from "../http/site";
import { controlTables } from "./control-tables";
import { button, hidden, html } from "./html";
import { layout, type PageResponse } from "./layout";
import { english } from "./words";

const strides: { name: string; label: string; distance: Distance }[] = [
  { name: "hour", label: "Advance an hour", distance: { ms: 3_600_000 } },
  { name: "day", label: "Advance a day", distance: { days: 1 } },
  { name: "month", label: "Advance a month", distance: { months: 1 } },
  { name: "year", label: "Advance a year", distance: { years: 1 } },
];

const modes: { name: DeliveryMode; label: string }[] = [
  { name: "normal", label: "In order, once" },
  { name: "duplicate", label: "Each twice, concurrently" },
  { name: "shuffle", label: "In random order" },
  { name: "delay", label: "Held until the mode changes" },
  { name: "drop", label: "Never" },
];

/** The developer's control page: time, deliveries, payments. English only. */
export function controlPage({ sim, control }: Site): PageResponse {
  const now = control.now().toISOString();
  const aheadDays = (sim.clock.offsetMs / 86_400_000).toFixed(1);
  const body = html`<h1>Stripe simulator</h1>
<section aria-labelledby="clock"><h2 id="clock">Clock</h2>
<p><time data-testid="now" datetime="${now}">${now}</time> <span class="soft">(${aheadDays} days ahead of real time)</span></p>
<div class="row">${strides.map(({ name, label }) => button(`advance-${name}`, label, { action: "advance", stride: name }))}</div></section>
<section aria-labelledby="deliveries"><h2 id="deliveries">Webhook deliveries</h2>
<form method="post" class="row">${hidden({ action: "mode" })}<label>How events are delivered
<select name="mode" data-testid="mode">${modes.map(
    ({ name, label }) =>
      html`<option value="${name}"${sim.deliveries.mode === name && html` selected`}>${label}</option>`,
  )}</select></label><button type="submit" data-testid="set-mode">Set</button></form></section>
${controlTables(sim)}`;
  return { markup: layout(english, "Stripe simulator", body, true) };
}

/** Runs a button of the control page and redirects back to it. */
export async function runControlAction(
  { control }: Site,
  form: URLSearchParams,
): Promise<PageResponse> {
  const action = actions.get(form.get("action") ?? "");
  if (!action) {
    throw invalid("There is no such button.");
  }
  await action(control, form.get("id") ?? "", form);
  return { location: "/" };
}

type Action = (control: Control, id: string, form: URLSearchParams) => unknown;

const actions = new Map<string, Action>([
  [
    "advance",
    (control, _id, form) => control.advanceClock(named(strides, form, "stride").distance),
  ],
  ["mode", (control, _id, form) => control.setDeliveryMode(named(modes, form, "mode").name)],
  ["settle", (control, id) => control.settleDelayedPayment(id, "succeed")],
  ["settle-fail", (control, id) => control.settleDelayedPayment(id, "fail")],
  ["fail-next", (control, id) => control.failNextPayment(id)],
  ["cancel", (control, id) => control.cancelSubscription(id, "now")],
  ["refund", (control, id, form) => control.refund(id, Number(form.get("amount")) || undefined)],
  ["fail-refund", (control, id) => control.failRefund(id)],
  ["dispute", (control, id) => control.dispute(id)],
  ["win", (control, id) => control.winDispute(id)],
  ["lose", (control, id) => control.loseDispute(id)],
  ["redeliver", (control, id) => control.redeliver(id)],
]);

function named<Choice extends { name: string }>(
  choices: Choice[],
  form: URLSearchParams,
  field: string,
): Choice {
  const choice = choices.find(({ name }) => name === form.get(field));
  if (!choice) {
    throw invalid(`There is no such ${field}.`, field);
  }
  return choice;
}
