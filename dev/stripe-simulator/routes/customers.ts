import type Stripe from "stripe";
import { missing, rowOf } from "../http/fault";
import type { Params } from "../http/params";
import { listRoute, matching, mergeMetadata, route } from "../http/route";
import { newCustomer } from "../objects/customer";
import type { Simulation } from "../simulation";

export const customerRoutes = [
  route("POST", "/v1/customers", ({ sim, params }) => {
    const given = readCustomer(params);
    const metadata = params.metadata();
    return () => {
      const fields = { ...given, metadata: mergeMetadata({}, metadata) };
      const customer = newCustomer(sim.nowSeconds(), fields);
      sim.tables.customers.set(customer.id, customer);
      sim.emit("customer.created", customer);
      return customer;
    };
  }),
  route("GET", "/v1/customers/:id", ({ sim, id }) => () => {
    return sim.tables.deletedCustomers.get(id) ?? rowOf(sim.tables.customers, "customer", id);
  }),
  route("POST", "/v1/customers/:id", ({ sim, params, id }) => {
    const given = readCustomer(params);
    const change = params.metadata();
    return () => {
      const customer = rowOf(sim.tables.customers, "customer", id);
      const previous = Object.fromEntries(Object.entries(customer).filter(([key]) => key in given));
      Object.assign(customer, given);
      customer.metadata = mergeMetadata(customer.metadata, change);
      sim.emit("customer.updated", customer, previous);
      return customer;
    };
  }),
  listRoute(
    "/v1/customers",
    (sim) => sim.tables.customers.values(),
    (params) => [matching(params.string("email"), ({ email }) => email ?? undefined)],
  ),
];

/** The customer a parameter names; one that was deleted counts as missing. */
export function existingCustomer(sim: Simulation, id: string): Stripe.Customer {
  const customer = sim.tables.customers.get(id);
  if (!customer) {
    throw missing("customer", id, "customer");
  }
  return customer;
}

function readCustomer(params: Params): Partial<Stripe.Customer> {
  const given: Partial<Stripe.Customer> = {};
  const [email, name] = [params.clearable("email"), params.clearable("name")];
  const locales = params.has("preferred_locales") ? params.strings("preferred_locales") : undefined;
  return Object.assign(
    given,
    email !== undefined && { email },
    name !== undefined && { name },
    locales && { preferred_locales: locales },
  );
}
