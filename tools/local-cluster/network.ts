/** Addresses of the local cluster, the ones that cluster installers commonly use. */
export const serviceCidr = "10.96.0.0/16";
/** First address of the service range: the API server takes it for the Service `kubernetes`. */
export const apiServerServiceAddress = "10.96.0.1";
/** Range from which every node gets its pods' addresses. */
export const podCidr = "10.244.0.0/16";
export const loopbackAddress = "127.0.0.1";

/** Whether an address is this machine's own loopback. */
export const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

/** Address for clients on this machine of a server that listens on `address`. */
export const clientAddress = (address: string): string => (address === "0.0.0.0" ? loopbackAddress : address);
