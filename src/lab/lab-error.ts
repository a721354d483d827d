import { FirewallError } from '../firewall/firewall.ts'

/**
 * The lab cannot be built, or is not there: one sentence for a person. In a lab, namespaces and rules
 * together are what enforces, so the loop treats it as it treats a firewall that refuses.
 */
export class LabError extends FirewallError {}
