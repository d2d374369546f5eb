import type { ClusterLayout } from "./layout";

/** Where programs and data files of the tools are. The result of `ensureTools` is one. */
export interface ClusterTools {
  /** Absolute path of an executable. */
  path(name: string): string;
  /** Folder of data files that a tool's module brings along. */
  files(name: string): string;
}

/** What a component's descriptions may use. */
export interface ClusterContext {
  layout: ClusterLayout;
  /** Address that the API server listens on. */
  listenAddress: string;
  /** Address under which nodes reach the API server. */
  advertiseAddress: string;
  /** Address of the API server for clients on this machine, as URL. Changes with its port. */
  server(): string;
  /** Port by name. Throws for a name that no component has. */
  port(name: string): number;
}

/** Context while starting. */
export interface StartContext extends ClusterContext {
  tools: ClusterTools;
  /** Audit policy file to use instead of the built-in one. */
  auditPolicy?: string;
  /** Whether a real node takes the pods that name no pool. */
  realNode: boolean;
}

/** A program of the cluster. A new one is a new entry in a list: starting, checking, repairing and ending are common to all. */
export interface Component {
  /** Unique; also the name of its log file. */
  name: string;
  /** Components and steps that have to be ready before this one is started. */
  startsAfter: readonly string[];
  /** Names of the ports it listens on. Each gets a number that stays as long as it is free. */
  ports: readonly string[];
  /** Absolute path of the program. */
  executable(context: StartContext): string;
  /** Command line without the program. */
  args(context: StartContext): string[];
  /** Environment beside PATH and HOME. Default: none. */
  environment?(context: StartContext): Record<string, string>;
  /**
   * Writes the files that the program reads and returns their paths. When the content of one changed since the program was started, the
   * program is restarted. Default: none.
   */
  prepare?(context: StartContext): string[] | Promise<string[]>;
  /** Rejects, with the reason, as long as the component does not do its work. */
  ready(context: ClusterContext): Promise<void>;
}

/** Work between the starts of components, for example creating objects that a component needs. Repeatable without effect. */
export interface Step {
  name: string;
  startsAfter: readonly string[];
  run(context: StartContext): Promise<void>;
}
