import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { chainName, interfaceName } from './names.ts'

/** One element of one of the skeleton's sets or maps. */
export interface Element {
  readonly set: string
  readonly key: string
  /** '' in a set. */
  readonly value: string
}

/** What an instance adds to the sets of the skeleton: its interface, what it may call itself, its rules. */
export function instanceElements(instance: InstanceRuleset, slot: string): readonly Element[] {
  const name = instance.attachment?.interface
  if (name === undefined) return []
  const port = interfaceName(name)
  const { mac } = instance
  const member = (set: string, ...rest: string[]): Element => ({
    set,
    key: [port, ...rest].join(' . '),
    value: '',
  })
  return [
    member('ports'),
    ...(instance.established === 'Keep' ? [member('keep')] : []),
    mac === undefined ? member('any_mac') : member('macs', mac),
    ...instance.addresses.map((address) => {
      const family = address.includes(':') ? 6 : 4
      return mac === undefined
        ? member(`source${family}_any_mac`, address)
        : member(`source${family}`, address, mac)
    }),
    { set: 'from_instance', key: port, value: `goto ${chainName('Egress', slot)}` },
    { set: 'to_instance', key: port, value: `jump ${chainName('Ingress', slot)}` },
  ]
}

/** Sets whose elements stay when their instance goes: its interface must not become an open one. */
export const LASTING_SETS: ReadonlySet<string> = new Set(['ports'])
