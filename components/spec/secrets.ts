/** Types of Kubernetes Secrets. */
export const SecretType = {
  /** Any keys. */
  opaque: "Opaque",
  /** A certificate: `tls.crt` and `tls.key`. */
  tls: "kubernetes.io/tls",
  /** Credentials of registries: `.dockerconfigjson`. */
  dockerConfigJson: "kubernetes.io/dockerconfigjson",
} as const;
export type SecretType = (typeof SecretType)[keyof typeof SecretType];

/** A Kubernetes Secret in the tenant's namespace, whose values the tenant's file only refers to. */
export interface TenantSecretSpec {
  /** Name of the Secret. */
  name: string;
  /** Type of the Secret. Default: `Opaque`. */
  type?: SecretType;
  /** Keys of the Secret, each with the name of its value: the stack's config has it as `tenant-secrets:<tenant>.<name>`. */
  data: Record<string, string>;
}
