/** The end of a membership for life. A date and not Postgres' `infinity`, which JavaScript has not. */
export const FOR_EVER = new Date("9999-12-31T00:00:00Z");
