import { z } from "zod";
import { rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, listOf, metadata, none, text, webAddress } from "../http/params";
import { fits, listRoute, retrieveRoute, route } from "../http/route";
import { newId } from "../ids";
import { newWebhookEndpoint } from "../objects/webhook-endpoint";

/** Stripe lists events of the last 30 days. */
const LISTED_SECONDS = 30 * 86_400;

const eventFilters = z.strictObject({
  ...paging,
  type: text.optional(),
  types: listOf(text)
    .refine((types) => types.length <= 20, "At most 20 types.")
    .optional(),
});
const endpoint = z.strictObject({
  url: webAddress,
  enabled_events: listOf(text),
  description: text.optional(),
  api_version: text.optional(),
  metadata: metadata.optional(),
});
const endpointChange = z
  .strictObject({ url: webAddress, enabled_events: listOf(text), disabled: flag })
  .partial();

export const eventRoutes = [
  retrieveRoute("/v1/events", "event", (sim) => sim.tables.events),
  listRoute(
    "/v1/events",
    (sim) =>
      [...sim.tables.events.values()].filter(
        ({ created }) => created > sim.nowSeconds() - LISTED_SECONDS,
      ),
    eventFilters,
    (one, { type, types }) => fits(type, one.type) && fits(types, one.type),
  ),
  route("POST", "/v1/webhook_endpoints", endpoint, ({ sim, given }) => {
    const made = Object.assign(newWebhookEndpoint(sim.nowSeconds(), given.url), given);
    const secret = newId("whsec", 32);
    sim.tables.webhookEndpoints.set(made.id, made);
    sim.tables.webhookSecrets.set(made.id, secret);
    return { ...made, secret };
  }),
  listRoute(
    "/v1/webhook_endpoints",
    (sim) => sim.tables.webhookEndpoints.values(),
    z.strictObject(paging),
  ),
  route("POST", "/v1/webhook_endpoints/:id", endpointChange, ({ sim, id, given }) => {
    const { disabled, ...fields } = given;
    const changed = rowOf(sim.tables.webhookEndpoints, "webhook endpoint", id);
    Object.assign(changed, fields);
    if (disabled !== undefined) {
      changed.status = disabled ? "disabled" : "enabled";
    }
    return changed;
  }),
  route("DELETE", "/v1/webhook_endpoints/:id", none, ({ sim, id }) => {
    rowOf(sim.tables.webhookEndpoints, "webhook endpoint", id);
    sim.tables.webhookEndpoints.delete(id);
    sim.tables.webhookSecrets.delete(id);
    return { id, object: "webhook_endpoint", deleted: true };
  }),
];
