import { env } from "@/env";
import { openApiDocument } from "@/public-api/openapi";

export const dynamic = "force-dynamic";

/** The OpenAPI document of the API. Public. */
export function GET(): Response {
  return Response.json(openApiDocument({ appUrl: env.APP_URL }), {
    headers: { "Cache-Control": "public, max-age=300" },
  });
}
