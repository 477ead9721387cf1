"use client";

import { toast } from "@/components/toast";
import type { RenderedFor } from "@/lib/rendered-for";
import type { ActionResult } from "../call-action";
import { Button, type ButtonProps } from "../ui/button";
import { useServerAction } from "../use-server-action";

/**
 * Runs a server action with its input when pressed. Shows `success` in a toast, or passes the action's data to
 * `onSuccess`.
 */
export function ActionButton<Data, Input = undefined>({
  action,
  input,
  success,
  onSuccess = () => success && toast.success(success),
  ...button
}: Omit<ButtonProps, "onClick" | "pending"> & {
  action: (renderedFor: RenderedFor, input: NoInfer<Input>) => Promise<ActionResult<Data>>;
  input: Input;
  success?: string;
  onSuccess?: (data: Data | undefined) => void;
}) {
  const { isPending, submit } = useServerAction();
  return (
    <Button
      {...button}
      pending={isPending}
      onClick={() => submit((renderedFor) => action(renderedFor, input), onSuccess)}
    />
  );
}
