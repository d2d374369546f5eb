import { type ServiceError, status } from "@grpc/grpc-js";
import {
  AboutResponse,
  DependencyInfo,
  type GetProgramDependenciesRequest,
  GetProgramDependenciesResponse,
  type GetRequiredPackagesRequest,
  GetRequiredPackagesResponse,
  GetRequiredPluginsResponse,
  LanguageHandshakeResponse,
  RuntimeOptionsResponse,
  TemplateResponse,
} from "@pulumi/pulumi/proto/language_pb";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { installDependencies } from "./install-dependencies";
import { installedPackages, requiredPlugins } from "./packages";
import { runPlugin } from "./plugin";
import { cancelPrograms, run } from "./program";

/** Code generation (`pulumi convert`, `pulumi package add`) is the official host's: nothing here needs it. */
const unsupported = (_call: unknown, answer: (error: Partial<ServiceError>) => void): void =>
  answer({
    code: status.UNIMPLEMENTED,
    details: "this needs the official Node.js language host: install the Pulumi CLI from pulumi.com/docs/install",
  });

/**
 * The engine's `LanguageRuntime` service for Node.js programs.
 *
 * @param engine address of the engine, as it was given on the command line.
 */
export function languageRuntime(engine: string): ILanguageRuntimeServer {
  let engineAddress = engine;
  const service: ILanguageRuntimeServer = {
    handshake: (call, answer) => {
      engineAddress = call.request.getEngineAddress() || engineAddress;
      answer(null, new LanguageHandshakeResponse());
    },
    getPluginInfo: (_call, answer) => answer(null, new PluginInfo().setVersion(sdkVersion)),
    about: (_call, answer) =>
      answer(null, new AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    getRequiredPlugins: (_call, answer) => answer(null, new GetRequiredPluginsResponse()),
    getRequiredPackages: (call, answer) => answer(null, requiredPackages(call.request)),
    getProgramDependencies: (call, answer) => answer(null, programDependencies(call.request)),
    // No option has to be asked for: every one has a default.
    runtimeOptionsPrompts: (_call, answer) => answer(null, new RuntimeOptionsResponse()),
    template: (_call, answer) => answer(null, new TemplateResponse()),
    installDependencies,
    run: (call, answer) => run(call, answer, engineAddress),
    runPlugin,
    cancel: (_call, answer) => {
      cancelPrograms();
      answer(null, new Empty());
    },
    generateProgram: unsupported,
    generateProject: unsupported,
    generatePackage: unsupported,
    pack: unsupported,
    link: unsupported,
  };
  return service;
}

function requiredPackages(request: GetRequiredPackagesRequest): GetRequiredPackagesResponse {
  const folder = request.getInfo()?.getProgramDirectory() ?? ".";
  const packages = requiredPlugins(folder).map(({ name, version, server }) =>
    new PackageDependency().setName(name).setKind("resource").setVersion(version).setServer(server),
  );
  return new GetRequiredPackagesResponse().setPackagesList(packages);
}

function programDependencies(request: GetProgramDependenciesRequest): GetProgramDependenciesResponse {
  const folder = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const packages = installedPackages(folder, request.getTransitivedependencies());
  return new GetProgramDependenciesResponse().setDependenciesList(
    packages.map(({ name, version }) => new DependencyInfo().setName(name).setVersion(version)),
  );
}
