/** The pack's policies behind CrossGuard's own server functions, spoken to as the engine does. */
import * as structpb from "google-protobuf/google/protobuf/struct_pb";
import type { Policies } from "@pulumi/policy";
import type { Loose } from "./fixture";

// eslint-disable-next-line @typescript-eslint/no-require-imports
const analyzer: Loose = require("@pulumi/pulumi/proto/analyzer_pb");
// eslint-disable-next-line @typescript-eslint/no-require-imports
const server: Loose = require("@pulumi/policy/server");

/** The sentinel by which the engine sends a string that it does not know yet. */
export const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource of the stack as the engine knows it. */
export interface StackResource {
  type: string;
  name: string;
  props: Loose;
}

/** A diagnostic that the engine would print. */
export interface Diagnostic {
  policy: string;
  message: string;
  urn: string;
  /** `advisory` or `mandatory`. */
  level: string;
}

/** A Kubernetes object as the resource that a program registers for it. */
export function resourceOf(object: Loose): StackResource {
  const apiVersion = object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`;
  const name = `${object.metadata.namespace ?? "cluster"}-${object.metadata.name}-${object.kind}`;
  return { type: `kubernetes:${apiVersion}:${object.kind}`, name, props: object };
}

export function urnOf({ type, name }: StackResource): string {
  return `urn:pulumi:dev::ollama-platform::${type}::${name}`;
}

/** Runs the policies over the whole stack, as after a preview. Rejects when the policy server answers with an error. */
export function analyzeStack(policies: Policies, resources: readonly StackResource[]): Promise<Diagnostic[]> {
  const request = new analyzer.AnalyzeStackRequest();
  request.setResourcesList(resources.map((resource) => message(new analyzer.AnalyzerResource(), resource)));
  return call(server.makeAnalyzeStackRpcFun("ollama-isolation", "0.1.0", "mandatory", policies), request);
}

/** Runs the policies over one resource, as before it is created. */
export function analyzeResource(policies: Policies, resource: StackResource): Promise<Diagnostic[]> {
  const request = message(new analyzer.AnalyzeRequest(), resource);
  return call(server.makeAnalyzeRpcFun("ollama-isolation", "0.1.0", "mandatory", policies), request);
}

function message(empty: Loose, resource: StackResource): Loose {
  empty.setType(resource.type);
  empty.setName(resource.name);
  empty.setUrn(urnOf(resource));
  empty.setProperties(structpb.Struct.fromJavaScript(resource.props));
  empty.setOptions(new analyzer.AnalyzerResourceOptions());
  return empty;
}

function call(rpc: Loose, request: Loose): Promise<Diagnostic[]> {
  return new Promise((resolve, reject) => {
    rpc({ request }, (error: Error | undefined, response: Loose) => {
      if (error) reject(error);
      else
        resolve(
          response.getDiagnosticsList().map((d: Loose) => ({
            policy: d.getPolicyname(),
            // CrossGuard puts the policy's description on a line of its own before the message.
            message: d.getMessage().replace(/^No tenant can .*\n|^Noticed, .*\n/, ""),
            urn: d.getUrn(),
            level: d.getEnforcementlevel() === analyzer.EnforcementLevel.ADVISORY ? "advisory" : "mandatory",
          })),
        );
    });
  });
}
