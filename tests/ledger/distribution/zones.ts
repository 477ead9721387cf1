import type postgres from "postgres";

/**
 * Time zones of the process and the session that must not affect months. Kiritimati's day differs from
 * UTC's most of the time; Lord Howe's daylight saving time shifts by half an hour.
 */
export const ZONES = ["UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Australia/Lord_Howe"];

/** Returns the time zones in effect. */
export async function effectiveZones(sql: postgres.Sql) {
  const [row] = await sql<{ zone: string }[]>`select current_setting('TimeZone') as zone`;
  return {
    ofProcess: new Intl.DateTimeFormat("en").resolvedOptions().timeZone,
    ofDatabase: row?.zone,
  };
}
