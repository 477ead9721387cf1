import { z } from "zod";
import { rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, text } from "../http/params";
import { listRoute, retrieveRoute, route } from "../http/route";
import { CONFIGURED_METHODS, offered } from "../objects/payment-method-configuration";

const path = "/v1/payment_method_configurations";
const method = z.strictObject({
  display_preference: z.strictObject({ preference: z.enum(["on", "off", "none"]) }),
});
const change = z
  .strictObject({ name: text, active: flag, card: method, alipay: method, wechat_pay: method })
  .partial();

export const paymentMethodConfigurationRoutes = [
  listRoute(path, (sim) => sim.tables.paymentMethodConfigurations.values(), z.strictObject(paging)),
  retrieveRoute(
    path,
    "payment_method_configuration",
    (sim) => sim.tables.paymentMethodConfigurations,
  ),
  route("POST", `${path}/:id`, change, ({ sim, id, given }) => {
    const { paymentMethodConfigurations: all } = sim.tables;
    const changed = rowOf(all, "payment_method_configuration", id);
    changed.name = given.name ?? changed.name;
    changed.active = given.active ?? changed.active;
    for (const name of CONFIGURED_METHODS) {
      const preference = given[name]?.display_preference.preference;
      if (preference !== undefined) {
        changed[name] = offered(preference);
      }
    }
    return changed;
  }),
];
