import type { ConnectionText } from '../../src/policy/reachability/connection-text.ts'
import { familyOf, isInPrefix, protocolNumber, type Packet } from './packet.ts'

/** Reads the lines of a plan as a person does: whether one of them speaks of a packet. */
export function speaksOf(
  { from, to, traffic }: ConnectionText,
  packet: Packet,
  ownerOf: (address: string) => string | undefined,
): boolean {
  const [, words = '', family] = /^(.*?)(?: \((IPv[46])\))?$/.exec(traffic) ?? []
  if (family !== undefined && family !== familyOf(packet.from)) return false
  return (
    isMeant(from, packet.from, ownerOf(packet.from)) &&
    isMeant(to, packet.to, ownerOf(packet.to)) &&
    isAmong(words, packet)
  )
}

/** `Internet except 192.0.2.0/24 and others in 10.0.0.0/16, web-1, web-3..web-5, db-1 at 10.0.0.9`. */
function isMeant(side: string, address: string, owner: string | undefined): boolean {
  return side.split(', ').some((words) => {
    const [, family, , except] = /^Internet(?: \((IPv[46])\))?( except (.*))?$/.exec(words) ?? []
    if (words.startsWith('Internet')) {
      if (owner !== undefined || (family !== undefined && family !== familyOf(address))) return false
      return !(except ?? '').split(' and ').some((prefix) => isWithin(prefix, address))
    }
    if (words.includes('/')) return owner === undefined && isWithin(words, address)
    return owner !== undefined && isNamed(words, address, owner)
  })
}

function isWithin(words: string, address: string): boolean {
  const prefix = words.replace('others in ', '')
  return prefix !== '' && isInPrefix(address, prefix)
}

function isNamed(words: string, address: string, owner: string): boolean {
  const [name = '', at] = words.split(' at ')
  if (at !== undefined) return name === owner && at.split(' and ').includes(address)
  const [, stem, first, last] = /^(.*?)(\d+)\.\.\1(\d+)$/.exec(name) ?? []
  if (stem === undefined) return name === owner
  const number = owner.startsWith(stem) ? Number(owner.slice(stem.length)) : NaN
  return number >= Number(first) && number <= Number(last)
}

/** `TCP 22,80-90 from port 5`, `ICMP type 8 code 0`, `all except GRE, protocols 3-5`. */
function isAmong(words: string, packet: Packet): boolean {
  if (words === 'all traffic') return true
  const [, negation, list = ''] = /^(all except )?(.*)$/.exec(words) ?? []
  return list.split(', ').some((phrase) => fits(phrase, packet)) === (negation === undefined)
}

function fits(phrase: string, { protocol, port, sourcePort, icmp }: Packet): boolean {
  const [, low, high] = /^protocols (\d+)-(\d+)$/.exec(phrase) ?? []
  if (low !== undefined) return protocol >= Number(low) && protocol <= Number(high)
  const [, name = '', details = ''] = /^(protocol \d+|\S+) ?(.*)$/.exec(phrase) ?? []
  if (protocolNumber(name.replace('protocol ', '')) !== protocol) return false
  const [, first, second] = /^(?:type )?([\d,-]+)?(?: ?(?:from port|code) ([\d,-]+))?$/.exec(details) ?? []
  const [one, other] = icmp === undefined ? [port, sourcePort] : [icmp.type, icmp.code]
  return isIn(first, one) && isIn(second, other)
}

function isIn(list: string | undefined, number: number | undefined): boolean {
  if (list === undefined) return true
  return list.split(',').some((item) => {
    const [first, last = first] = item.split('-').map(Number)
    return (
      number !== undefined && first !== undefined && last !== undefined && first <= number && number <= last
    )
  })
}
