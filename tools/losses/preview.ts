import type { Step, StepState } from "../local/display/events";
import { takenFromTenants } from "../local/plan-guard";

/** A step in the output of `pulumi preview --json`, as far as it is looked at here. */
interface PreviewStep {
  op: string;
  urn: string;
  oldState?: StepState & { type: string };
  newState?: StepState & { type: string };
}

/**
 * What a previewed plan would take from tenants that are still declared, see `takenFromTenants`.
 *
 * @param text Output of `pulumi preview --json`; lines of other programs may precede it.
 * @throws Error when it is no such output, or that of a preview that failed and therefore does not know the whole plan.
 */
export function lossesOf(text: string): string[] {
  const { steps, diagnostics = [] } = parsed(text);
  const failure = diagnostics.find(({ severity }) => severity === "error");
  if (failure !== undefined)
    throw new Error(`the preview failed, so it says nothing of the whole plan: ${failure.message?.trim()}`);
  return takenFromTenants(
    steps.map(({ op, urn, oldState, newState }): Step => {
      const type = newState?.type ?? oldState?.type ?? "";
      return { op, urn, type, old: oldState ?? null, new: newState ?? null };
    }),
  );
}

interface Preview {
  steps: PreviewStep[];
  diagnostics?: { severity?: string; message?: string }[];
}

function parsed(text: string): Preview {
  try {
    const preview = JSON.parse(text.slice(Math.max(0, text.search(/^\{/m)))) as Partial<Preview>;
    if (Array.isArray(preview.steps)) return { ...preview, steps: preview.steps };
  } catch {
    // The message below says what is wanted.
  }
  throw new Error("this is not the output of `pulumi preview --json`");
}
