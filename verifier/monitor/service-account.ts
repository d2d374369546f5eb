/** The credentials of a pod's ServiceAccount, in place of a kubeconfig. */
import { readFileSync } from "node:fs";
import * as https from "node:https";
import type { Credentials } from "../cluster-api";

/** Where a pod finds the API server. */
export interface ServerPlace {
  /** Address, for example `https://10.96.0.1:443`. */
  server: string;
  /** File with the account's token; it is read again and again, because the kubelet renews it. */
  tokenFile: string;
  /** File with the certificate of the API server's authority. */
  authorityFile: string;
}

/** Credentials that a pod is given by its node. */
export function serviceAccountCredentials({ server, tokenFile, authorityFile }: ServerPlace): Credentials {
  const ca = readFileSync(authorityFile);
  return {
    getCurrentCluster: () => ({ name: "in-cluster", server, skipTLSVerify: false }),
    getCurrentContext: () => "in-cluster",
    applyToHTTPSOptions: (options) => {
      const token = readFileSync(tokenFile, "utf8").trim();
      options.headers = { ...(options.headers as object), authorization: `Bearer ${token}` };
      // `kubectl proxy` and the like speak plain HTTP.
      if (server.startsWith("https:")) Object.assign(options, { ca, agent: new https.Agent({ ca, keepAlive: true }) });
      return Promise.resolve();
    },
  };
}
