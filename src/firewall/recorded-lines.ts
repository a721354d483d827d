import type { Attachment, EffectiveRule } from '../api/types.gen.ts'
import type { ObjectKey } from '../core/key.ts'
import { isList, isRecord, isStringList, type UnknownRecord } from '../core/record.ts'
import type { InstanceRuleset, RuleSet } from '../policy/ruleset.ts'

export type RecordedLine =
  | { readonly type: 'RuleSet'; readonly ruleSet: RuleSet }
  | { readonly type: 'List'; readonly digest: string; readonly prefixes: readonly string[] }
  | { readonly type: 'Remote' }
  | { readonly type: 'Instance'; readonly instance: InstanceRuleset }

/** Puts a ruleset together from its lines, which name only what lines before them hold. */
export class RecordedLines {
  readonly instances = new Map<ObjectKey, InstanceRuleset>()
  readonly remotes = new Map<ObjectKey, readonly string[]>()
  readonly #ruleSets = new Map<string, RuleSet>()
  readonly #lists = new Map<string, readonly string[]>()

  /** Undefined for a line that palisade does not write there. */
  take(value: unknown): RecordedLine | undefined {
    if (!isRecord(value)) return undefined
    switch (value['type']) {
      case 'RuleSet':
        return this.#takeRuleSet(value)
      case 'List':
        return this.#takeList(value)
      case 'Remote':
        return this.#takeRemote(value)
      case 'Instance':
        return this.#takeInstance(value)
      default:
        return undefined
    }
  }

  #takeRuleSet({ digest, ingress, egress }: UnknownRecord): RecordedLine | undefined {
    if (typeof digest !== 'string' || !isRules(ingress) || !isRules(egress)) return undefined
    const ruleSet = { digest, ingress, egress }
    this.#ruleSets.set(digest, ruleSet)
    return { type: 'RuleSet', ruleSet }
  }

  #takeList({ digest, prefixes }: UnknownRecord): RecordedLine | undefined {
    if (typeof digest !== 'string' || !isStringList(prefixes)) return undefined
    this.#lists.set(digest, prefixes)
    return { type: 'List', digest, prefixes }
  }

  #takeRemote({ key, list }: UnknownRecord): RecordedLine | undefined {
    const prefixes = typeof list === 'string' ? this.#lists.get(list) : undefined
    if (typeof key !== 'string' || prefixes === undefined) return undefined
    this.remotes.set(key, prefixes)
    return { type: 'Remote' }
  }

  #takeInstance({
    instance: key,
    vpc,
    addresses,
    mac,
    attachment,
    established,
    ...rest
  }: UnknownRecord): RecordedLine | undefined {
    const ruleSet = typeof rest['ruleSet'] === 'string' ? this.#ruleSets.get(rest['ruleSet']) : undefined
    if (typeof key !== 'string' || typeof vpc !== 'string' || !isStringList(addresses)) return undefined
    if (mac !== undefined && typeof mac !== 'string') return undefined
    if (attachment !== undefined && !isAttachment(attachment)) return undefined
    if (established !== undefined && established !== 'Keep') return undefined
    if (ruleSet === undefined) return undefined
    const instance: InstanceRuleset = {
      instance: key,
      vpc,
      addresses,
      ...(mac === undefined ? {} : { mac }),
      ...(attachment === undefined ? {} : { attachment }),
      ...(established === undefined ? {} : { established }),
      ruleSet,
    }
    this.instances.set(key, instance)
    return { type: 'Instance', instance }
  }
}

const isRules = (value: unknown): value is readonly EffectiveRule[] => isList(value) && value.every(isRule)

const isRule = (value: unknown): value is EffectiveRule =>
  isRecord(value) &&
  (value['action'] === 'Allow' || value['action'] === 'Drop') &&
  typeof value['protocol'] === 'string' &&
  isRecord(value['remote']) &&
  isStringList(value['sources'])

const isAttachment = (value: unknown): value is Attachment =>
  isRecord(value) &&
  typeof value['nodeName'] === 'string' &&
  [value['netns'], value['interface']].every((item) => item === undefined || typeof item === 'string') &&
  [undefined, true, false].some((host) => host === value['host'])
