import { z } from "zod";
import { rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { clearable, listOf, metadata, none, text, whole } from "../http/params";
import { fits, listRoute, mergeMetadata, route } from "../http/route";
import { newCustomer } from "../objects/customer";
import { recordBalanceChange } from "../rules/change-balance";
import { deleteCustomer } from "../rules/delete-customer";

/** An empty string instead of the group clears it. */
function clearableGroup<Group extends z.ZodType>(group: Group) {
  return z.union([z.literal("").transform(() => null), group]);
}

const addressLine = z.enum(["city", "country", "line1", "line2", "postal_code", "state"]);
const address = z.partialRecord(addressLine, text);

const fields = z
  .strictObject({
    email: clearable,
    name: clearable,
    business_name: clearable,
    individual_name: clearable,
    phone: clearable,
    description: clearable,
    address: clearableGroup(address),
    shipping: clearableGroup(z.strictObject({ name: text, phone: text.optional(), address })),
    preferred_locales: listOf(text),
    metadata,
    balance: whole,
  })
  .partial();

export const customerRoutes = [
  route("POST", "/v1/customers", fields, ({ sim, given }) => {
    const customer = Object.assign(newCustomer(sim.nowSeconds()), given);
    customer.metadata = mergeMetadata({}, given.metadata);
    sim.tables.customers.set(customer.id, customer);
    sim.emit("customer.created", customer);
    return customer;
  }),
  route("GET", "/v1/customers/:id", none, ({ sim, id }) => {
    return sim.tables.deletedCustomers.get(id) ?? rowOf(sim.tables.customers, "customer", id);
  }),
  route("POST", "/v1/customers/:id", fields, ({ sim, id, given }) => {
    const customer = rowOf(sim.tables.customers, "customer", id);
    const previous = Object.fromEntries(Object.entries(customer).filter(([key]) => key in given));
    const merged = mergeMetadata(customer.metadata, given.metadata);
    const { balance } = customer;
    Object.assign(customer, given, { metadata: merged });
    if (customer.balance !== balance) {
      recordBalanceChange(sim, customer, {
        amount: customer.balance - balance,
        currency: customer.currency ?? "usd",
        type: "adjustment",
      });
    }
    sim.emit("customer.updated", customer, previous);
    return customer;
  }),
  route("DELETE", "/v1/customers/:id", none, ({ sim, id }) => {
    deleteCustomer(sim, id);
    return { id, object: "customer", deleted: true };
  }),
  listRoute(
    "/v1/customers",
    (sim) => sim.tables.customers.values(),
    z.strictObject({ ...paging, email: text.optional() }),
    (one, { email }) => fits(email, one.email),
  ),
];
