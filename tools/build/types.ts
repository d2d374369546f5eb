/** The shapes of the tool catalogue. */

/** What a program on PATH must answer before it is used in place of a build of our own. */
export interface PathCheck {
  /** Arguments that make the program print its version and end. */
  readonly versionArguments: readonly string[];
  /** Finds the version (first group, `1.2.3` with or without a leading `v`) in what the program prints. */
  readonly pattern: RegExp;
  /** Lowest version that is accepted. */
  readonly atLeast: string;
  /** First version that is no longer accepted. */
  readonly below: string;
}

/** A program built from a Go module that pins it under `tools/go/<module>`. */
export interface GoSource {
  readonly kind: "go";
  /** Key of the module in the catalogue's `modules`. */
  readonly module: string;
  /** Import path of the main package; `.`, or `./folder`, for one that lies in the module's own folder. */
  readonly package: string;
  /** Minutes that a first build adds on two cores, when what it shares with programs before it is compiled; shown to whoever waits. */
  readonly minutes: number;
}

/** A program of this repository, written in TypeScript and run by Node.js. */
export interface NodeSource {
  readonly kind: "node";
  /** Folder with the sources, relative to `tools/`. Its `main.ts` is what runs. */
  readonly folder: string;
  /** Further folders below `tools/` whose files it imports. */
  readonly imports?: readonly string[];
}

/** A program that the project runs. */
export interface Tool {
  /** One sentence: what it does here, and for a stand-in what it stands in for. */
  readonly description: string;
  readonly source: GoSource | NodeSource;
  /** How a program of this name on PATH is accepted: by its version, always (`any`), or never (absent). */
  readonly onPath?: PathCheck | "any";
  /** Folder of the Pulumi plug-in cache (`resource-kubernetes-v4.25.0`) that holds the official build, if there is one. */
  readonly pluginFolder?: string;
  /** Names of the data files that belong to the tool. */
  readonly dataFiles?: readonly string[];
}

/** How the programs of one Go module are built. */
export interface GoModule {
  /** Flags of the Go linker; version numbers that programs report come from here. */
  readonly ldflags: readonly string[];
  /** Environment of the compiler on top of the user's own. `CGO_ENABLED` is `0` where nothing is said. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Completes a copy of the module's folder before it is compiled, for example with files that the main package embeds.
   * Input: the copy, and a function that gives the folder of a module that the build depends on.
   * Result: environment of the compiler beside `env`, for what is known only on the machine, such as the folder of a header.
   */
  readonly prepare?: (
    folder: string,
    dependency: (modulePath: string) => Promise<string>,
  ) => Promise<Readonly<Record<string, string>> | void>;
}

/** Files that are taken out of a Go module as they are. */
export interface DataFiles {
  /** Key of the Go module under `tools/go` whose go.mod pins the version. */
  readonly module: string;
  /** Import path of the module that holds the files. */
  readonly from: string;
  /** Folders or files inside that module; the contents of all folders end up side by side. */
  readonly paths: readonly string[];
}

/** All tools, with the modules and data files that they refer to. */
export interface Catalogue {
  readonly tools: Readonly<Record<string, Tool>>;
  readonly modules: Readonly<Record<string, GoModule>>;
  readonly dataFiles: Readonly<Record<string, DataFiles>>;
}
