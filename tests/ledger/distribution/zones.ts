import type postgres from "postgres";

/**
 * Months are counted in UTC wherever a process or a session is: one where the day is another one for
 * most of the time, and one whose summer time moves the clock by half an hour.
 */
export const ZONES = ["UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Australia/Lord_Howe"];

/** As a proof that the zones were taken. */
export async function zonesInForce(sql: postgres.Sql) {
  const [row] = await sql<{ zone: string }[]>`select current_setting('TimeZone') as zone`;
  return {
    ofProcess: new Intl.DateTimeFormat("en").resolvedOptions().timeZone,
    ofDatabase: row?.zone,
  };
}
