/** Traffic: probe pods of the verifier's own try to reach each other, tenants' servers and what belongs to the machines. */
import type { Result } from "../result";
import { gatewayErrands, type GatewayFacts } from "../traffic/gateway";
import { sendTraffic, type ProbeOptions } from "../traffic/run";
import { withSession } from "../traffic/session";
import type { Subject } from "./check";

/** What traffic is sent. */
export interface TrafficOptions extends ProbeOptions {
  /** What tenants' gateways are asked. Default: nothing. */
  gateways?: readonly GatewayFacts[];
}

/** Sends traffic. Everything that is made for it is removed again. */
export async function checkTraffic(subject: Subject, options: TrafficOptions): Promise<Result[]> {
  return withSession(subject.api, options.signal, (session) =>
    sendTraffic(subject, session, options, gatewayErrands(options.gateways ?? [])),
  );
}
