import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { type Credential, issueCertificate, readCredential } from "./certificates";
import { readIfPresent, writePrivateFile } from "./files";
import { clusterLayout, type ClusterLayout } from "./layout";
import { authorities } from "./pki";

/** Writes a kubeconfig (mode 0600) with the credential inside and returns its path. */
export function writeKubeconfig(file: string, layout: ClusterLayout, server: string, credential: Credential): string {
  const authority = readIfPresent(layout.certificate(authorities.cluster)) ?? "";
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const document = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "local", cluster: { server, "certificate-authority-data": base64(authority) } }],
    users: [
      {
        name: "user",
        user: {
          "client-certificate-data": base64(credential.certificate),
          "client-key-data": base64(credential.key),
        },
      },
    ],
    contexts: [{ name: "local", context: { cluster: "local", user: "user" } }],
    "current-context": "local",
  };
  writePrivateFile(file, stringify(document, { lineWidth: 0 }));
  return file;
}

/** Identity that a client certificate proves to the API server. */
export interface UserIdentity {
  /** User name; not empty. */
  user: string;
  /** Groups beside `system:authenticated`, which the API server adds. Default: none. */
  groups?: readonly string[];
  /** Validity of the certificate in hours. Default: 24. */
  lifetimeHours?: number;
}

/**
 * Mints a client certificate for a user and returns the path of a kubeconfig (mode 0600) that holds it.
 * A certificate gives identity only; what the user may do is up to the cluster's RBAC.
 * Throws when the cluster was never started or the identity is not one that a certificate can carry.
 */
export async function userKubeconfig(
  cluster: { directory: string; server: string },
  identity: UserIdentity,
): Promise<string> {
  const groups = identity.groups ?? [];
  for (const name of [identity.user, ...groups]) {
    if (name.length === 0 || /\p{Cc}/u.test(name)) {
      throw new Error(`user or group ${JSON.stringify(name)}: must not be empty and must not hold control characters`);
    }
  }
  const layout = clusterLayout(cluster.directory);
  const authority = readCredential(layout, authorities.cluster);
  const request = { commonName: identity.user, organizations: groups, client: true };
  const credential = await issueCertificate(authority, request, (identity.lifetimeHours ?? 24) * 3600 * 1000);
  const digest = createHash("sha256")
    .update(JSON.stringify([identity.user, groups]))
    .digest("hex")
    .slice(0, 8);
  const name = `${identity.user.replace(/[^A-Za-z0-9._-]/g, "_")}-${digest}`;
  return writeKubeconfig(layout.userKubeconfig(name), layout, cluster.server, credential);
}
