import { postExtend } from "@/public-api/operations";
import { handle } from "../../../handle";

export const dynamic = "force-dynamic";

export async function POST(
  request: Request,
  { params }: { params: Promise<{ key: string }> },
): Promise<Response> {
  return handle(postExtend, request, (await params).key);
}
