/**
 * Forms of single values: what the texts and numbers of a declaration look like, each form once. To a program they are
 * plain texts and numbers; the tags become keywords of the JSON Schemas that files and arguments are checked against
 * (`npm run generate`), and `patternErrorMessage` says in words what is allowed.
 */

/**
 * Whole number.
 * @asType integer
 */
export type Integer = number;

/**
 * Number of a port.
 * @asType integer @minimum 1 @maximum 65535
 */
export type Port = number;

/**
 * Kubernetes quantity.
 * @asType string|number @minimum 0 @maxLength 64
 * @pattern ^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]?|[eE][+-]?[0-9]{1,3})$
 * @patternErrorMessage a Kubernetes quantity, for example `500m`, `4` or `16Gi`
 */
export type Quantity = string;

/**
 * Kubernetes quantity, or `auto` for the computed default.
 * @pattern ^(auto|\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]?|[eE][+-]?[0-9]{1,3}))$
 * @patternErrorMessage a Kubernetes quantity, for example `500m`, `4` or `16Gi`, or `auto`
 */
export type QuantityOrAuto = Quantity;

/**
 * Count or percentage.
 * @asType string|integer @minimum 0 @maximum 100000
 * @pattern ^([0-9]{1,5}|(100|[1-9]?[0-9])%)$
 * @patternErrorMessage a count such as `1`, or a percentage from `0%` to `100%`
 */
export type CountOrPercentage = string;

/**
 * Duration.
 * @maxLength 32 @pattern ^(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?$
 * @patternErrorMessage a duration in hours, minutes and seconds, for example `90s`, `30m` or `1h30m`
 */
export type Duration = string;

/**
 * Duration, or `Never`.
 * @pattern ^(Never|(?=[0-9])([0-9]+h)?([0-9]+m)?([0-9]+s)?)$
 * @patternErrorMessage a duration in hours, minutes and seconds, for example `90s`, `30m` or `1h30m`, or `Never`
 */
export type DurationOrNever = Duration;

/**
 * Label of a DNS name.
 * @maxLength 63 @pattern ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$
 * @patternErrorMessage a DNS label: lower-case letters, digits and `-`, beginning and ending with a letter or digit
 */
export type DnsLabel = string;

/**
 * Name of a tenant, node pool or client.
 * @maxLength 40
 * @patternErrorMessage a DNS label: lower-case letters, digits and `-`, beginning and ending with a letter or digit, at most 40 characters
 */
export type Name = DnsLabel;

/**
 * Name of a Kubernetes object.
 * @maxLength 253 @pattern ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$
 * @patternErrorMessage the name of an object: lower-case letters, digits, `-` and `.`
 */
export type ObjectName = string;

/**
 * Key of a Kubernetes label.
 * @maxLength 317
 * @pattern ^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$
 * @patternErrorMessage a Kubernetes label key, for example `app.kubernetes.io/name`
 */
export type LabelKey = string;

/**
 * Value of a Kubernetes label.
 * @maxLength 63 @pattern ^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$
 * @patternErrorMessage a Kubernetes label value: letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit
 */
export type LabelValue = string;

/**
 * Value of an annotation.
 * @maxLength 4096
 */
export type AnnotationValue = string;

/**
 * Value of a tag of cloud resources.
 * @minLength 1 @maxLength 256
 */
export type TagValue = string;

/**
 * Value of an attribute of a volume.
 * @maxLength 500
 */
export type VolumeAttribute = string;

/**
 * Model name, resolved as Ollama resolves it.
 * @minLength 1 @maxLength 600
 */
export type ModelReference = string;

/**
 * Group, as the cluster's authenticator names it.
 * @minLength 1 @maxLength 253 @pattern ^[^\s\p{C}]+( [^\s\p{C}]+)*$
 * @patternErrorMessage a group name without blanks at its ends and without control characters
 */
export type Group = string;

/**
 * User, as the API server names it.
 * @minLength 1 @maxLength 253 @pattern ^\S(.*\S)?$
 * @patternErrorMessage the name of a user as `kubectl auth whoami` prints it, without spaces around it
 * @examples ["oidc:platform-pipeline"]
 */
export type UserName = string;

/**
 * API group of Kubernetes.
 * @maxLength 253 @pattern ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$
 * @patternErrorMessage an API group such as `example.com`, as `kubectl api-resources` shows it
 * @examples ["example.com"]
 */
export type ApiGroup = string;

/**
 * A registry, or the beginning of a repository in one.
 * @minLength 1 @maxLength 255
 */
export type Repository = string;

/**
 * Reference of an image.
 * @minLength 1 @maxLength 400
 */
export type ImageReference = string;

/**
 * Absolute path.
 * @minLength 1 @maxLength 500 @pattern ^/
 * @patternErrorMessage an absolute path
 */
export type AbsolutePath = string;

/**
 * IP range in CIDR notation.
 * @minLength 1 @maxLength 60
 */
export type CidrRange = string;

/**
 * IP address.
 * @minLength 1 @maxLength 45
 */
export type IpAddress = string;

/**
 * Address family of IP.
 * @choices ["IPv4", "IPv6"]
 */
export type IpFamily = string;

/**
 * Full host name.
 * @minLength 1 @maxLength 254
 */
export type HostName = string;

/**
 * Host, with its port where that is not 443.
 * @minLength 1 @maxLength 300
 */
export type RegistryHost = string;

/**
 * Origin of web pages.
 * @maxLength 253 @pattern ^[a-z][a-z0-9+.-]*://[a-z0-9._-]+(:[0-9]{1,5})?$
 * @patternErrorMessage scheme, host and port of a page, such as `https://chat.example.com`
 * @examples ["https://chat.example.com"]
 */
export type Origin = string;

/**
 * Bytes in base64url without padding.
 * @minLength 1 @maxLength 4000 @pattern ^[A-Za-z0-9_-]+$
 * @patternErrorMessage bytes in base64url, as the API server writes them
 */
export type Base64Url = string;

/**
 * How capacity may be paid for.
 * @choices ["reserved", "on-demand", "spot"]
 */
export type CapacityType = string;

/**
 * Reason for which nodes are disrupted.
 * @choices ["Underutilized", "Empty", "Drifted"]
 */
export type DisruptionReason = string;
