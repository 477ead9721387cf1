"use client";

import { toast } from "sonner";
import { Button, type ButtonProps } from "../ui/button";
import { type ActionResult, useServerAction } from "../use-server-action";

/**
 * Runs a server action when pressed. Shows `success` in a toast, or passes the action's data to
 * `onSuccess`.
 */
export function ActionButton<Data>({
  action,
  success,
  onSuccess = () => success && toast.success(success),
  ...button
}: Omit<ButtonProps, "onClick" | "pending"> & {
  action: () => Promise<ActionResult<Data>>;
  success?: string;
  onSuccess?: (data: Data | undefined) => void;
}) {
  const { isPending, submit } = useServerAction();
  return (
    <Button {...button} pending={isPending} onClick={() => submit(() => action(), onSuccess)} />
  );
}
