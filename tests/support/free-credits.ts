import type { FreeCreditsPolicy } from "@/rewards/free-credits-policy";

/** The policy of the tests, which sign up with addresses under `.example`. */
export const FREE_CREDITS_POLICY: FreeCreditsPolicy = {
  secret: "another-secret-for-the-tests-and-for-nothing-else",
  acceptsExampleAddresses: true,
};
