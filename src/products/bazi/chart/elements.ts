/** The five elements in the order of production: each produces the next, and controls the one after. */
export const ELEMENTS = ["wood", "fire", "earth", "metal", "water"] as const;
export type Element = (typeof ELEMENTS)[number];

/** What another element is to one's own, in the same order as `ELEMENTS` counts from one's own. */
export const RELATIONS = ["companion", "output", "wealth", "officer", "resource"] as const;
export type Relation = (typeof RELATIONS)[number];

/** What `other` is to `self`: produced by it (output), controlled (wealth), controlling (officer)… */
export function relationOf({ self, other }: { self: Element; other: Element }): Relation {
  const steps = (ELEMENTS.indexOf(other) - ELEMENTS.indexOf(self) + 5) % 5;
  return pick(RELATIONS, steps);
}

/** The element that stands in `relation` to `self`; the inverse of `relationOf`. */
export function elementFor({ self, relation }: { self: Element; relation: Relation }): Element {
  return pick(ELEMENTS, (ELEMENTS.indexOf(self) + RELATIONS.indexOf(relation)) % 5);
}

/** `list[index]`, for an index that arithmetic has already kept inside the list. */
export function pick<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined)
    throw new RangeError(`Index ${index} is outside a list of ${list.length}.`);
  return item;
}
