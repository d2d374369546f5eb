import * as pulumi from "@pulumi/pulumi";

/** A resource as a component registered it, in the engine's terms. */
export interface Registration {
  type: string;
  name: string;
  urn: string;
  /** URN of the parent; empty for the stack's own children. */
  parent: string;
  deletedWith: string;
  /** URNs of what it depends on. */
  dependencies: string[];
  inputs: Record<string, unknown>;
  /** Whether a provider makes it; false for components. */
  custom: boolean;
}

/** The parts of the engine's request and response that the SDK's mocks do not hand on. */
interface RegisterRequest {
  getParent(): string;
  getDeletedwith(): string;
  getDependenciesList(): string[];
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> };
}
type RegisterCallback = (error: unknown, response?: { getUrn(): string }) => void;
interface Monitor {
  registerResource(request: RegisterRequest, callback: RegisterCallback): unknown;
}

const STACK_TYPE = "pulumi:pulumi:Stack";

/**
 * Runs a program against Pulumi's mocks and records what it registers, in the order of the registrations.
 *
 * @param program Creates resources; it has created all of them when it returns. It is given the registrations so far.
 * @param isPreview Whether the run only shows what it would do.
 */
export async function record(
  program: (registrations: Registration[]) => void,
  isPreview = false,
): Promise<Registration[]> {
  const registrations: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, type, inputs }) => ({
        id: `${name}-id`,
        state: {
          ...(inputs as Record<string, unknown>),
          ...(type === "random:index/randomPassword:RandomPassword" ? { result: keyOf(name) } : {}),
        },
      }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "test",
    "test",
    isPreview,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined && request.getType() !== STACK_TYPE) {
        registrations.push(registrationOf(request, response.getUrn()));
      }
      callback(error, response);
    });
  program(registrations);
  await pulumi.runtime.disconnect();
  return registrations;
}

/** The key that the mocks give the resource of a key. */
export function keyOf(name: string): string {
  return `key made for ${name}`;
}

function registrationOf(request: RegisterRequest, urn: string): Registration {
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    parent: request.getParent(),
    deletedWith: request.getDeletedwith(),
    dependencies: request.getDependenciesList(),
    inputs: request.getObject().toJavaScript(),
    custom: request.getCustom(),
  };
}
