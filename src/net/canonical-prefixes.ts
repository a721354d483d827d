import { ipv4Value } from './address.ts'
import { comparePrefixes, formatPrefix, readPrefix } from './prefix.ts'

/** Cidrs and addresses as canonical prefixes, in order, each once. */
export function canonicalPrefixes(cidrs: readonly string[]): readonly string[] {
  const prefixes = cidrs.map(readPrefix).sort(comparePrefixes).map(formatPrefix)
  return prefixes.filter((prefix, index) => prefix !== prefixes[index - 1])
}

/**
 * Addresses as `canonicalPrefixes` gives them. IPv4 addresses have one spelling and are numbers, so that nothing
 * need be taken apart and put together again: rules name hundreds of thousands of members.
 */
export function hostPrefixes(addresses: readonly string[]): readonly string[] {
  const hosts: { readonly text: string; readonly value: number }[] = []
  const others: string[] = []
  for (const text of addresses) {
    const value = ipv4Value(text)
    if (value === undefined) others.push(text)
    else hosts.push({ text, value })
  }
  hosts.sort((a, b) => a.value - b.value)
  const distinct = hosts.filter(({ value }, index) => value !== hosts[index - 1]?.value)
  const prefixes = distinct.map(({ text }) => `${text}/32`)
  return others.length === 0 ? prefixes : [...prefixes, ...canonicalPrefixes(others)]
}
