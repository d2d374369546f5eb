import { nodeAddress } from "./places";

/** Port of the model registry, fixed because stack configs name it; the address is this machine's alone. */
export const registryPort = 5000;

/** Host and port of the model registry, for this machine and for pods whose network policy admits them. */
export const registryAddress = `${nodeAddress}:${registryPort}`;
