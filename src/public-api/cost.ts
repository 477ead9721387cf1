// Not "@/catalog/items": `getFeature` throws for an unknown feature, which here is the client's error.
import { catalog } from "@/catalog/catalog";
import { InvalidRequest } from "./errors";

/**
 * The credits of a request: its amount, or the cost of its feature.
 * @throws InvalidRequest for an unknown feature
 */
export function costOf({
  feature,
  amount,
}: {
  readonly feature?: string | undefined;
  readonly amount?: number | undefined;
}): number {
  if (feature !== undefined && !Object.hasOwn(catalog.features, feature)) {
    throw new InvalidRequest(`The catalogue has no feature "${feature}".`, { field: "feature" });
  }
  const cost = amount ?? catalog.features[feature ?? ""]?.cost;
  if (cost === undefined) throw new InvalidRequest("Give `feature` or `amount`.");
  return cost;
}
