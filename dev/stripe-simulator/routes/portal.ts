import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import type { Params } from "../http/params";
import { parameterMissing } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, mergeMetadata, route } from "../http/route";
import { newPortalConfiguration, newPortalSession } from "../objects/portal";
import type { Simulation } from "../simulation";
import { existingCustomer } from "./customers";
import { readFeatures } from "./read-portal-features";

const configurations = "/v1/billing_portal/configurations";

export const portalRoutes = [
  route("POST", configurations, createConfiguration),
  route("POST", `${configurations}/:id`, updateConfiguration),
  listRoute(
    configurations,
    (sim) => sim.tables.portalConfigurations.values(),
    (params) => [matching(params.boolean("active"), ({ active }) => active)],
  ),
  route("POST", "/v1/billing_portal/sessions", createSession),
];

function createConfiguration({ sim, params }: Call) {
  const features = readFeatures(params);
  const given = readConfiguration(params);
  const metadata = mergeMetadata({}, params.metadata());
  if (!features) {
    throw parameterMissing("features");
  }
  return () => {
    const fields = { ...given, metadata, features: features(null) };
    const configuration = newPortalConfiguration(sim.nowSeconds(), fields);
    sim.tables.portalConfigurations.set(configuration.id, configuration);
    sim.emit("billing_portal.configuration.created", configuration);
    return configuration;
  };
}

function updateConfiguration({ sim, params, id }: Call) {
  const features = readFeatures(params);
  const given = readConfiguration(params);
  const change = params.metadata();
  return () => {
    const configuration = rowOf(sim.tables.portalConfigurations, "configuration", id);
    Object.assign(configuration, given, { updated: sim.nowSeconds() });
    configuration.metadata = mergeMetadata(configuration.metadata, change);
    configuration.features = features?.(configuration.features) ?? configuration.features;
    sim.emit("billing_portal.configuration.updated", configuration);
    return configuration;
  };
}

function readConfiguration(params: Params): Partial<Stripe.BillingPortal.Configuration> {
  const given: Partial<Stripe.BillingPortal.Configuration> = {};
  const profile = params.child("business_profile");
  const business_profile = profile && {
    headline: null,
    privacy_policy_url: profile.url("privacy_policy_url") ?? null,
    terms_of_service_url: profile.url("terms_of_service_url") ?? null,
  };
  const returnUrl = params.clearable("default_return_url");
  return Object.assign(
    given,
    business_profile && { business_profile },
    returnUrl !== undefined && { default_return_url: returnUrl },
  );
}

function createSession({ sim, params }: Call) {
  const customer = params.required("customer");
  const configuration = params.string("configuration");
  const return_url = params.url("return_url") ?? null;
  const locale = params.string("locale") ?? null;
  return () => {
    existingCustomer(sim, customer);
    const chosen = configuration
      ? rowOf(sim.tables.portalConfigurations, "configuration", configuration, "configuration")
      : defaultConfiguration(sim);
    const session = newPortalSession(sim.nowSeconds(), sim.url, {
      configuration: chosen.id,
      customer,
      flow: null,
      locale,
      return_url: return_url ?? chosen.default_return_url,
    });
    sim.tables.portalSessions.set(session.id, session);
    sim.emit("billing_portal.session.created", session);
    return session;
  };
}

function defaultConfiguration(sim: Simulation): Stripe.BillingPortal.Configuration {
  const all = [...sim.tables.portalConfigurations.values()];
  const found = all.find(({ is_default: isDefault }) => isDefault);
  if (!found) {
    throw invalid(
      "No configuration provided and your test mode default configuration has not been created.",
    );
  }
  return found;
}
