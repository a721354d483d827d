import { describe, expect, test } from 'vitest'
import { RecordedLines } from '../../src/firewall/recorded-lines.ts'

const rule = { action: 'Drop', protocol: 'All', remote: {}, sources: ['profile:standard/implicit'] }
const ruleSet = { type: 'RuleSet', digest: 'sha256:a', ingress: [rule], egress: [rule] }
const list = { type: 'List', digest: 'sha256:l', prefixes: ['10.0.0.0/8'] }
const remote = { type: 'Remote', key: 'SecurityGroup/shop/app', list: 'sha256:l' }
const instance = {
  type: 'Instance',
  instance: 'Instance/shop/web-1',
  vpc: 'VPC/shop/shop',
  addresses: ['10.0.1.10'],
  ruleSet: 'sha256:a',
}

const takeAll = (lines: readonly unknown[]): boolean => {
  const taken = new RecordedLines()
  return lines.every((line) => taken.take(line) !== undefined)
}

test('lines that name what lines before them hold are taken', () => {
  expect(takeAll([ruleSet, list, remote, instance])).toBe(true)
})

describe('a line that palisade does not write is not taken', () => {
  const lines: readonly (readonly [what: string, line: unknown])[] = [
    ['no object', []],
    ['of no known type', { type: 'Chain' }],
    ['rule set without a digest', { ...ruleSet, digest: 1 }],
    ['rule set without a direction', { ...ruleSet, egress: undefined }],
    ['rule with another action', { ...ruleSet, ingress: [{ ...rule, action: 'Accept' }] }],
    ['rule without sources', { ...ruleSet, ingress: [{ ...rule, sources: 'a' }] }],
    ['list of something else than texts', { ...list, prefixes: [1] }],
    ['remote of an unknown list', { ...remote, list: 'sha256:other' }],
    ['remote without a key', { ...remote, key: null }],
    ['instance of an unknown rule set', { ...instance, ruleSet: 'sha256:other' }],
    ['instance without a VPC', { ...instance, vpc: undefined }],
    ['instance with one address in place of a list', { ...instance, addresses: '10.0.1.10' }],
    ['instance with a number for a MAC address', { ...instance, mac: 2 }],
    ['instance attached to no node', { ...instance, attachment: { netns: 'shop' } }],
    ['instance attached to a wrong interface', { ...instance, attachment: { nodeName: 'a', interface: 1 } }],
    ['instance that is a host in words', { ...instance, attachment: { nodeName: 'a', host: 'yes' } }],
  ]
  test.each(lines)('%s', (_what, line) => {
    expect(takeAll([ruleSet, list, line])).toBe(false)
  })
})
