import { getBalance } from "@/public-api/operations";
import { handle } from "../handle";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return handle(getBalance, request);
}
