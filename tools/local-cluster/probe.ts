import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Credential, readCredential } from "./certificates";
import { readIfPresent } from "./files";
import type { ClusterLayout } from "./layout";

/** Which authority the server must be certified by, and which certificate is shown to it. */
export interface ProbeTrust {
  authority: string;
  /** Name of the client's credential. Default: none is shown. */
  client?: string;
}

/** Asks a health address; rejects unless the answer is 200 within three seconds. Without `trust` the address is plain HTTP. */
export function probe(layout: ClusterLayout, url: string, trust?: ProbeTrust): Promise<void> {
  const client: Credential | undefined = trust?.client === undefined ? undefined : readCredential(layout, trust.client);
  const tls =
    trust === undefined
      ? {}
      : { ca: readIfPresent(layout.certificate(trust.authority)), cert: client?.certificate, key: client?.key };
  const send = trust === undefined ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { ...tls, agent: false, timeout: 3000 }, (response) => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${url} answered ${response.statusCode}`)),
      );
    });
    request.once("timeout", () => request.destroy(new Error(`${url} did not answer within 3 s`)));
    request.once("error", (error) => reject(new Error(`${url}: ${error.message}`)));
    request.end();
  });
}
