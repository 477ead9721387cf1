/** How long before its expiry a person is reminded of a lot. On its own, for pages to say the same. */
export const REMIND_BEFORE_DAYS = 7;
