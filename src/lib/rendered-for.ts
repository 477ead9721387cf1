/**
 * The id of the user whom a page was rendered for; null for a guest. Every action sends it, and the
 * server refuses the action if someone else is signed in by then.
 */
export type RenderedFor = string | null;

/** Carries the id to routes, which have no arguments. */
export const RENDERED_FOR_HEADER = "x-rendered-for";
