import { existsSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { stringify } from "yaml";
import { readIfPresent, restrictFile, writePrivateFile } from "./files";
import { auditPolicy } from "../../components/plan/audit-policy";
import type { ClusterLayout } from "./layout";

/**
 * Writes the API server's audit policy and returns its path. It is the platform's own for any tenants, so that the cluster runs with
 * what `npm run audit-policy` gives to others.
 *
 * @param policy Path of another policy file to use instead.
 */
export function writeAuditPolicy(layout: ClusterLayout, policy?: string): string {
  const file = layout.config("audit-policy.yaml");
  const given = policy === undefined ? stringify(auditPolicy([])) : readIfPresent(policy);
  if (given === undefined) throw new Error(`audit policy ${policy}: no such file`);
  writePrivateFile(file, given);
  return file;
}

/**
 * Makes sure of the key that encrypts Secrets in etcd and returns the path of the EncryptionConfiguration.
 * There is no plain-text provider in it: a Secret that is not encrypted cannot be read, so none can slip through.
 * Throws when data exists but the key is gone: a new key would make every stored Secret unreadable without a word.
 */
export function ensureEncryptionConfiguration(layout: ClusterLayout): string {
  const file = layout.config("encryption.yaml");
  if (existsSync(file)) {
    restrictFile(file);
    return file;
  }
  if (existsSync(layout.etcdData)) {
    throw new Error(
      `${file}: the key of the Secrets in ${layout.etcdData} is missing; put the file back, or remove the cluster with \`reset\``,
    );
  }
  const key = { name: "key1", secret: randomBytes(32).toString("base64") };
  const configuration = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [{ secretbox: { keys: [key] } }] }],
  };
  writePrivateFile(file, stringify(configuration));
  return file;
}
