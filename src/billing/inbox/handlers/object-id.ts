import type { StoredEvent } from "../store-event";

/** The id of what an event is about. Every type we handle has one; a payload without is a fault. */
export function objectIdOf(event: StoredEvent): string {
  if (event.objectId === null) throw new Error(`${event.type} ${event.id} is about nothing.`);
  return event.objectId;
}
