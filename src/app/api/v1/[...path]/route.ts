import { NotFound } from "@/lib/errors";
import { problemResponse } from "@/public-api/operation";
import { findProductOperation } from "@/public-api/product-operations";
import { handle } from "../handle";

export const dynamic = "force-dynamic";

type Context = { params: Promise<{ path: string[] }> };

/** Serves the operations of the product. Every other path is unknown. */
export function GET(request: Request, context: Context): Promise<Response> {
  return serveProduct("get", request, context);
}

export function POST(request: Request, context: Context): Promise<Response> {
  return serveProduct("post", request, context);
}

async function serveProduct(
  method: "get" | "post",
  request: Request,
  { params }: Context,
): Promise<Response> {
  const found = findProductOperation(method, (await params).path);
  if (found === null) return problemResponse(new NotFound("path or method"));
  return handle(found.operation, request, found.id);
}
