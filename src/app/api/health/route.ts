import { readSiteHealth } from "@/app/read-site-health";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/**
 * For uptime monitors; anybody may ask, and learns counts and instants only. 503 when the site
 * cannot be used: the database does not answer, or its tables are older than this build. What is
 * late or was given up needs a person, yet taking the site away would not mend it: 200 with
 * `status: "degraded"` and the `problems` by name.
 */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const health = await readSiteHealth();
    const isDown = health.pendingMigrations > 0;
    const status = isDown ? "down" : health.problems.length > 0 ? "degraded" : "ok";
    return Response.json(
      { status, ...health },
      { status: isDown ? 503 : 200, headers: { "Cache-Control": "no-store" } },
    );
  });
}
