import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import { enqueueEmail } from "@/emails/enqueue-email";
import { setClockOffsetMs } from "@/lib/clock";
import { simulatorPrices } from "../../dev/laptop/simulator-prices";
import { type AlertServices, startAlertServices } from "../alerts/alert-services";
import { FIRST_DUE } from "../ledger/distribution/due-users";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

export const CRON_SECRET = "the-secret-of-the-scheduler";
export const minutesAfter = (minutes: number) => new Date(FIRST_DUE.getTime() + minutes * 60_000);

export interface JobsFixture {
  readonly database: TestDatabase;
  readonly services: AlertServices;
  /** Configures the application to find Stripe at `stripeAt`. Modules are imported again. */
  configure(stripeAt: string): void;
  /** Moves the application's clock. */
  setNow(at: Date): void;
  /** The texts and facts that the chat webhook received. */
  chatMessages(): { text: string; facts: Record<string, unknown> }[];
  enqueueEmail(key: string, now?: Date): Promise<void>;
}

/**
 * Registers hooks that give each test of a file its own database and an environment with alert
 * services and a Stripe simulator. The application's clock starts at FIRST_DUE.
 */
export function createJobsFixture(): JobsFixture {
  let database: TestDatabase;
  let services: AlertServices;
  let simulator: Simulator;
  const fixture: JobsFixture = {
    get database() {
      return database;
    },
    get services() {
      return services;
    },
    configure(stripeAt) {
      // `src/env.ts` reads the environment when it is imported.
      vi.resetModules();
      stubEnvironment({
        DATABASE_URL: database.appUrl,
        STRIPE_API_BASE: stripeAt,
        CRON_SECRET,
        CRON_JOBS_USERNAME: "scheduler",
        CRON_JOBS_PASSWORD: "a password",
        ...services.environment,
      });
    },
    setNow: (at) => setClockOffsetMs(at.getTime() - Date.now()),
    chatMessages: () => services.chat().map(({ body }) => JSON.parse(body)),
    enqueueEmail: (key, now = FIRST_DUE) =>
      enqueueEmail(database.db, {
        template: "account-deleted",
        props: {},
        key,
        userId: null,
        to: "mei@example.com",
        locale: "en",
        now,
      }),
  };

  beforeAll(async () => {
    services = await startAlertServices();
    simulator = await startSimulator({
      secretKey: "sk_test_distribution",
      webhookSecret: "whsec_distribution",
      quiet: true,
      prices: simulatorPrices(),
      retryDelaysMs: [],
      onClockMoved: async () => {},
    });
  });
  beforeEach(async () => {
    services.clear();
    database = await createTestDatabase();
    fixture.configure(simulator.apiBase);
    fixture.setNow(FIRST_DUE);
    return async () => {
      const { db } = await import("@/db");
      await db.$client.end({ timeout: 5 });
      Reflect.deleteProperty(globalThis, "qiflowDatabase");
      await database.close();
    };
  });
  afterAll(async () => {
    setClockOffsetMs(0);
    services.close();
    await simulator.close();
  });
  return fixture;
}
