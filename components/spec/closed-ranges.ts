import { parseCidr, type Cidr } from "./cidr";

/**
 * Ranges that no egress rule may open: loopback, link-local with the clouds' metadata services, and the metadata
 * addresses that lie elsewhere (AWS and Google by IPv6, Azure's host, Alibaba, Oracle); then all of IPv4 again as NAT64
 * translates it (RFC 6052). The policy pack closes the same ones by default.
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
  "64:ff9b::7f00:0/104",
  "64:ff9b::a9fe:0/112",
  "64:ff9b::a83f:8110/128",
  "64:ff9b::6464:64c8/128",
  "64:ff9b::c000:c0/128",
].map(parseCidr);
