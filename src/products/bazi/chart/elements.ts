/** The five elements in the order of production (相生). Each controls the one after the next (相克). */
export const ELEMENTS = ["wood", "fire", "earth", "metal", "water"] as const;
export type Element = (typeof ELEMENTS)[number];

/** Relations of an element to one's own, in the order of `ELEMENTS` starting from one's own. */
export const RELATIONS = ["companion", "output", "wealth", "officer", "resource"] as const;
export type Relation = (typeof RELATIONS)[number];

/** The relation of `other` to `self`; for example, an element that `self` produces is its output. */
export function relationOf({ self, other }: { self: Element; other: Element }): Relation {
  const steps = (ELEMENTS.indexOf(other) - ELEMENTS.indexOf(self) + 5) % 5;
  return pick(RELATIONS, steps);
}

/** The element that has `relation` to `self`. Inverse of `relationOf`. */
export function elementFor({ self, relation }: { self: Element; relation: Relation }): Element {
  return pick(ELEMENTS, (ELEMENTS.indexOf(self) + RELATIONS.indexOf(relation)) % 5);
}

/** `list[index]` without `undefined`. @throws RangeError if the index is outside the list */
export function pick<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined)
    throw new RangeError(`Index ${index} is outside a list of ${list.length}.`);
  return item;
}
