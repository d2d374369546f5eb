import { Resource } from "@pulumi/pulumi";

/** How the SDK finds the calls that led to a resource; it is not part of its public interface. */
interface Placing {
  stackTrace?: (skip: number) => unknown[];
}

/**
 * Keeps out of the state by which calls each resource was made: they lie within the components, the same for every tenant, and take 800 bytes of
 * each resource and a tenth of the program's time. With an SDK that finds them in another way nothing changes.
 */
export function leaveOutPlaces(): void {
  const placing = Resource as unknown as Placing;
  if (typeof placing.stackTrace === "function") placing.stackTrace = () => [];
  const { prepareStackTrace } = Error;
  if (prepareStackTrace === undefined) return;
  // The SDK makes an error without a message for each promise, for the place in the text; its place in TypeScript is worth no search in source maps.
  Error.prepareStackTrace = (error, calls) =>
    error.message === ""
      ? `Error\n${calls.map((call) => `    at ${String(call)}`).join("\n")}`
      : prepareStackTrace(error, calls);
}
