/** Set by the sign-in and sign-up pages before they go to Google or GitHub. */
export const TIME_ZONE_COOKIE = "qiflow.time-zone";
