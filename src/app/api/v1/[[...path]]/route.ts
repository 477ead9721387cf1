import { NotFound } from "@/lib/errors";
import { isRefusal, REFUSAL_HEADER } from "@/lib/refusals";
import { MethodNotAllowed, RequestRefused } from "@/public-api/errors";
import { problemResponse } from "@/public-api/operation";
import { findOperations } from "@/public-api/operations";
import { handle } from "../handle";

export const dynamic = "force-dynamic";

type Context = { params: Promise<{ path?: string[] }> };

/** Serves all operations, which are found by path. HEAD is served as GET. */
export function GET(request: Request, context: Context): Promise<Response> {
  return respond("get", request, context);
}

export function POST(request: Request, context: Context): Promise<Response> {
  return respond("post", request, context);
}

export function PUT(request: Request, context: Context): Promise<Response> {
  return respond(null, request, context);
}

export function PATCH(request: Request, context: Context): Promise<Response> {
  return respond(null, request, context);
}

export function DELETE(request: Request, context: Context): Promise<Response> {
  return respond(null, request, context);
}

async function respond(
  method: "get" | "post" | null,
  request: Request,
  { params }: Context,
): Promise<Response> {
  const refusal = request.headers.get(REFUSAL_HEADER);
  if (isRefusal(refusal)) return problemResponse(new RequestRefused(refusal));
  const found = findOperations((await params).path ?? []);
  if (found === null) return problemResponse(new NotFound("path"));
  const operation = method === null ? undefined : found.methods[method];
  if (operation !== undefined) return handle(operation, request, found.target);
  const allowed = Object.keys(found.methods).map((name) => name.toUpperCase());
  const response = problemResponse(new MethodNotAllowed(allowed));
  response.headers.set("Allow", allowed.join(", "));
  return response;
}
