import { parseCidr, type Cidr } from "./cidr";

/**
 * Ranges that no egress rule may open: loopback, link-local with the clouds' metadata services, and the metadata
 * addresses that lie elsewhere (AWS and Google by IPv6, Azure's host, Alibaba, Oracle).
 */
export const CLOSED_RANGES: Cidr[] = [
  "127.0.0.0/8",
  "169.254.0.0/16",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "::1/128",
  "fe80::/10",
  "fd00:ec2::/32",
  "fd20:ce::254/128",
].map(parseCidr);
