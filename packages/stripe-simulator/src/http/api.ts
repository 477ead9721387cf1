import { createHash, timingSafeEqual } from "node:crypto";
import Stripe from "stripe";
import { z } from "zod";
import { newId } from "../ids";
import { catalogueRoutes } from "../routes/catalogue";
import { checkoutSessionRoutes } from "../routes/checkout-sessions";
import { creditNoteRoutes } from "../routes/credit-notes";
import { customerRoutes } from "../routes/customers";
import { eventRoutes } from "../routes/events";
import { paymentMethodConfigurationRoutes } from "../routes/payment-method-configurations";
import { paymentRoutes } from "../routes/payments";
import { portalRoutes } from "../routes/portal";
import { subscriptionScheduleRoutes } from "../routes/subscription-schedules";
import { subscriptionRoutes } from "../routes/subscriptions";
import type { Outage, Simulation } from "../simulation";
import { expand } from "./expand";
import { invalid, outageFault, StripeFault } from "./fault";
import { fingerprintOf, storedResponse, storeResponse } from "./idempotency";
import { listOf, parseForm, readParams, text } from "./params";
import type { Route } from "./route";
import type { HttpRequest, HttpResponse } from "./site";

const routes: Route[] = [
  ...customerRoutes,
  ...catalogueRoutes,
  ...checkoutSessionRoutes,
  ...subscriptionRoutes,
  ...subscriptionScheduleRoutes,
  ...paymentRoutes,
  ...paymentMethodConfigurationRoutes,
  ...creditNoteRoutes,
  ...portalRoutes,
  ...eventRoutes,
];

const expandable = z.object({ expand: listOf(text).default([]) });

/** Handles one API call synchronously, so that no call sees another one half done. */
export function handleApiCall(
  sim: Simulation,
  secretKey: string,
  request: HttpRequest,
): HttpResponse {
  const requestId = newId("req", 14);
  const key = idempotencyKey(request);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "request-id": requestId,
    "stripe-version": Stripe.API_VERSION,
    ...(key && { "idempotency-key": key }),
  };
  try {
    authenticate(request.headers.authorization, secretKey);
    checkVersion(request.headers["stripe-version"]);
    const fingerprint = fingerprintOf(request.method, request.path, request.body);
    const kept = key ? storedResponse(sim, key, fingerprint) : null;
    if (kept) {
      headers["idempotent-replayed"] = "true";
      headers["original-request"] = kept.requestId;
      return finished(kept.status, headers, kept.body);
    }
    sim.request = { id: requestId, idempotency_key: key };
    const { status, body } = perform(sim, request);
    if (key) {
      storeResponse(sim, key, { fingerprint, status, body, requestId });
    }
    return finished(status, headers, body);
  } catch (error) {
    const fault = error instanceof StripeFault ? error : unexpected(error);
    return { status: fault.status, headers, body: JSON.stringify(fault.body()) };
  } finally {
    sim.request = null;
  }
}

/** A server error is stored like any response, so repeating the call with its key returns it again. */
function finished(status: number, headers: Record<string, string>, body: string): HttpResponse {
  if (status >= 500) {
    headers["stripe-should-retry"] = "false";
  }
  return { status, headers, body };
}

/**
 * Errors before the handler runs (unknown call, unknown parameter) are thrown and not stored for a key.
 * Once the handler runs, every outcome is stored, errors included
 * (https://docs.stripe.com/api/idempotent_requests).
 */
function perform(sim: Simulation, request: HttpRequest): { status: number; body: string } {
  const { route, id } = findRoute(request);
  const params = parseForm(`${request.query}&${request.body}`);
  const { expand: paths } = readParams(expandable, params);
  delete params.expand;
  const run = route.prepare(sim, id, params);
  const outage = removeOutage(sim, request);
  try {
    if (outage?.when === "before") {
      throw outageFault();
    }
    const result = run();
    if (request.method !== "GET") {
      sim.changed();
    }
    if (outage) {
      throw outageFault();
    }
    return { status: 200, body: JSON.stringify(expand(sim, result, paths)) };
  } catch (error) {
    const fault = error instanceof StripeFault ? error : unexpected(error);
    return { status: fault.status, body: JSON.stringify(fault.body()) };
  }
}

function findRoute({ method, path }: HttpRequest): { route: Route; id: string } {
  for (const route of routes) {
    const found = route.method === method ? route.pattern.exec(path) : null;
    if (found) {
      return { route, id: decodeURIComponent(found[1] ?? "") };
    }
  }
  const message = `Unrecognized request URL (${method}: ${path}). The simulator supports only the calls that QiFlow makes; see packages/stripe-simulator/README.md.`;
  throw new StripeFault({ status: 404, message });
}

/** Removes and returns the planned failure of this call, if there is one. */
function removeOutage({ plannedOutages }: Simulation, { method, path }: HttpRequest) {
  const isThis = (one: Outage) => one.method === method && path.endsWith(one.path);
  const at = plannedOutages.findIndex(isThis);
  return at === -1 ? undefined : plannedOutages.splice(at, 1)[0];
}

function authenticate(authorization: string | undefined, secretKey: string): void {
  const given = authorization?.replace(/^Bearer /, "") ?? "";
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (given === "" || !timingSafeEqual(digest(given), digest(secretKey))) {
    const message = given === "" ? "You did not provide an API key." : "Invalid API Key provided.";
    throw new StripeFault({ status: 401, message });
  }
}

function checkVersion(version: string | string[] | undefined): void {
  if (version !== undefined && version !== Stripe.API_VERSION) {
    throw invalid(`The simulator supports only API version ${Stripe.API_VERSION}, not ${version}.`);
  }
}

function idempotencyKey({ method, headers }: HttpRequest): string | null {
  const key = headers["idempotency-key"];
  return method === "POST" && typeof key === "string" && key !== "" ? key : null;
}

function unexpected(error: unknown): StripeFault {
  console.error("stripe simulator:", error);
  const message = error instanceof Error ? error.message : "unexpected";
  return new StripeFault({ status: 500, type: "api_error", message });
}
