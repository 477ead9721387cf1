import type { DeliveryMode } from "../deliveries";
import { invalid } from "../http/fault";
import type { Site } from "../http/site";
import { controlTables } from "./control-tables";
import type { Html } from "./html";
import { html } from "./html";
import { layout } from "./layout";
import type { PageAnswer } from "./page";

const modes: DeliveryMode[] = ["normal", "duplicate", "shuffle", "delay", "drop"];

/** The workbench of the person who develops: time, deliveries, payments. English only. */
export function controlPage(site: Site): PageAnswer {
  const { sim, control } = site;
  const aheadDays = (sim.clock.offsetMs / 86_400_000).toFixed(1);
  const body = html`<h1>Stripe simulator</h1>
<section aria-labelledby="clock"><h2 id="clock">Clock</h2>
<p><time data-testid="now" datetime="${control.now().toISOString()}">${control.now().toISOString()}</time> <span class="soft">(${aheadDays} days ahead of real time)</span></p>
<div class="row">${strides.map(([name, label]) => button("advance", label, { stride: name }))}</div></section>
<section aria-labelledby="deliveries"><h2 id="deliveries">Webhook deliveries</h2>
<form method="post" class="row">${hidden({ action: "mode" })}<label>How events are delivered
<select name="mode" data-testid="mode">${modes.map(
    (mode) =>
      html`<option value="${mode}"${sim.deliveries.mode === mode && html` selected`}>${modeLabels[mode]}</option>`,
  )}</select></label><button type="submit" data-testid="set-mode">Set</button></form></section>
${controlTables(sim)}`;
  return { markup: layout("en", "Stripe simulator", body, true) };
}

const strides = [
  ["hour", "Advance an hour"],
  ["day", "Advance a day"],
  ["month", "Advance a month"],
  ["year", "Advance a year"],
] as const;

const modeLabels: Record<DeliveryMode, string> = {
  normal: "In order, once",
  duplicate: "Each twice, at the same time",
  shuffle: "In an order of chance",
  delay: "Held back until this is changed",
  drop: "Not at all",
};

/** Does what a button of the control page says and comes back to it. */
export async function doControl(site: Site, form: URLSearchParams): Promise<PageAnswer> {
  const { control } = site;
  const id = form.get("id") ?? "";
  switch (form.get("action")) {
    case "advance":
      await control.advanceClock(strideOf(form.get("stride")));
      break;
    case "mode":
      await control.setDeliveryMode(modes.find((mode) => mode === form.get("mode")) ?? "normal");
      break;
    case "settle":
      await control.settleDelayedPayment(id, "succeed");
      break;
    case "settle-fail":
      await control.settleDelayedPayment(id, "fail");
      break;
    case "fail-next":
      control.failNextPayment(id);
      break;
    case "cancel":
      await control.cancelSubscription(id, "now");
      break;
    case "refund":
      await control.refund(id, amountOf(form));
      break;
    case "fail-refund":
      await control.failRefund(id);
      break;
    case "dispute":
      await control.dispute(id);
      break;
    case "win":
      await control.winDispute(id);
      break;
    case "lose":
      await control.loseDispute(id);
      break;
    case "redeliver":
      await control.redeliver(id);
      break;
    default:
      throw invalid("There is no such button.");
  }
  return { location: "/" };
}

function strideOf(name: string | null) {
  switch (name) {
    case "hour":
      return { ms: 3_600_000 };
    case "month":
      return { months: 1 };
    case "year":
      return { years: 1 };
    default:
      return { days: 1 };
  }
}

function amountOf(form: URLSearchParams): number | undefined {
  const amount = Number(form.get("amount") ?? "");
  return amount > 0 ? amount : undefined;
}

function button(action: string, label: string, fields: Record<string, string>): Html {
  const testId = [action, ...Object.values(fields)].join("-");
  return html`<form method="post">${hidden({ action, ...fields })}<button type="submit" data-testid="${testId}">${label}</button></form>`;
}

function hidden(fields: Record<string, string>): Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
}
