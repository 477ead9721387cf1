import type { Database } from "@/db/client";
import type { ClientAddress } from "./client-address";

export interface SocialProvider {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What `createAuth` needs to know; `src/auth/auth.ts` takes it from the environment. */
export interface AuthOptions {
  readonly db: Database;
  /** Where the app is reached, without a slash at the end. */
  readonly appUrl: string;
  readonly secret: string;
  /** Also believe `localhost` and `127.0.0.1` on any port: a laptop's, never a public host's. */
  readonly trustLoopback?: boolean;
  readonly adminEmails?: readonly string[];
  readonly google?: SocialProvider | undefined;
  readonly github?: SocialProvider | undefined;
  /** Which header tells the caller's network address; better-auth's own reading if not given. */
  readonly clientAddress?: ClientAddress;
  /** Off only for scripts and for tests about something else. */
  readonly rateLimited?: boolean;
  /** Told after an e-mail went into the outbox, so that it need not wait for the next job. */
  readonly onEmailQueued?: () => void;
}

export const VERIFICATION_HOURS = 24;
export const RESET_MINUTES = 60;
export const SESSION_DAYS = 30;
