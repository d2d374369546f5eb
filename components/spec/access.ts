import type { ClientSpec } from "./clients";

/** People and clients of a tenant. */
export interface AccessSpec {
  /** Groups, as the cluster's authenticator names them, that may look at the tenant's objects. Default: none. */
  viewers?: string[];
  /** Groups that may also restart and scale the tenant's servers. Default: none. */
  operators?: string[];
  /** Programs that may call the tenant's servers. Default: none, and every request is refused. */
  clients?: ClientSpec[];
}
