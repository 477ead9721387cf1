import type Stripe from "stripe";
import { rowOf } from "../http/fault";
import type { Params } from "../http/params";
import { parameterMissing } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, mergeMetadata, retrieveRoute, route } from "../http/route";
import { newId } from "../ids";
import { newWebhookEndpoint } from "../objects/webhook-endpoint";
import type { Simulation } from "../simulation";

/** Stripe lists events of the last 30 days. */
const LISTED_SECONDS = 30 * 86_400;

export const eventRoutes = [
  retrieveRoute("/v1/events", "event", (sim) => sim.tables.events),
  listRoute("/v1/events", (sim) => sim.tables.events.values(), readFilters),
  route("POST", "/v1/webhook_endpoints", createEndpoint),
  listRoute("/v1/webhook_endpoints", (sim) => sim.tables.webhookEndpoints.values()),
  route("POST", "/v1/webhook_endpoints/:id", updateEndpoint),
  route("DELETE", "/v1/webhook_endpoints/:id", ({ sim, id }) => () => {
    rowOf(sim.tables.webhookEndpoints, "webhook endpoint", id);
    sim.tables.webhookEndpoints.delete(id);
    sim.tables.webhookSecrets.delete(id);
    return { id, object: "webhook_endpoint", deleted: true };
  }),
];

function readFilters(params: Params, sim: Simulation): ((event: Stripe.EventBase) => boolean)[] {
  const types = params.strings("types");
  return [
    matching<Stripe.EventBase, string>(params.string("type"), ({ type }) => type),
    ({ type }) => types.length === 0 || types.includes(type),
    (event) => event.created > sim.nowSeconds() - LISTED_SECONDS,
  ];
}

function createEndpoint({ sim, params }: Call) {
  const url = params.url("url");
  const enabledEvents = params.strings("enabled_events");
  const description = params.clearable("description");
  const apiVersion = params.string("api_version");
  const metadata = mergeMetadata({}, params.metadata());
  if (url === undefined) {
    throw parameterMissing("url");
  }
  if (enabledEvents.length === 0) {
    throw parameterMissing("enabled_events");
  }
  return () => {
    const secret = newId("whsec", 32);
    const given = { url, enabledEvents, description: description ?? null, metadata };
    const endpoint = newWebhookEndpoint(sim.nowSeconds(), {
      ...given,
      apiVersion: apiVersion ?? null,
    });
    sim.tables.webhookEndpoints.set(endpoint.id, endpoint);
    sim.tables.webhookSecrets.set(endpoint.id, secret);
    return { ...endpoint, secret };
  };
}

function updateEndpoint({ sim, params, id }: Call) {
  const url = params.url("url");
  const enabledEvents = params.has("enabled_events") ? params.strings("enabled_events") : undefined;
  const disabled = params.boolean("disabled");
  return () => {
    const endpoint = rowOf(sim.tables.webhookEndpoints, "webhook endpoint", id);
    endpoint.url = url ?? endpoint.url;
    endpoint.enabled_events = enabledEvents ?? endpoint.enabled_events;
    endpoint.status = disabled === undefined ? endpoint.status : disabled ? "disabled" : "enabled";
    return endpoint;
  };
}
