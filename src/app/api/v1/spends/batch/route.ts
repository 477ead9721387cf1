import { postSpendBatch } from "@/public-api/operations";
import { handle } from "../../handle";

export const dynamic = "force-dynamic";

export function POST(request: Request): Promise<Response> {
  return handle(postSpendBatch, request);
}
