import { describe, expect, test } from 'vitest'
import { KINDS } from '../../src/api/objects.ts'
import { recognise } from '../../src/schema/recognise.ts'
import type { UnknownRecord } from '../../src/core/record.ts'
import { validator, yaml } from './documents.ts'

const ours = 'palisade.dev/v1alpha1'

/** `code field: hint` of each finding. */
function refusals(value: UnknownRecord): readonly string[] {
  const recognition = recognise(value)
  if (recognition.type !== 'Invalid') return [recognition.type]
  return recognition.findings.map(({ code, path = [], hint }) => `${code} ${path.join('.')}: ${hint ?? ''}`)
}

describe('recognise', () => {
  test.each(KINDS)('knows %s', (kind) => {
    expect(recognise({ apiVersion: ours, kind })).toEqual({ type: 'Known', kind })
  })

  test.each([
    ['v1', 'ConfigMap'],
    ['v1', 'List'],
    ['apps/v1', 'Deployment'],
    ['kustomize.config.k8s.io/v1beta1', 'Kustomization'],
    // Other people's kinds may have the same names.
    ['ec2.services.k8s.aws/v1alpha1', 'SecurityGroup'],
    ['palisade.dev.example.org/v1', 'VPC'],
  ])('leaves %s %s to others', (apiVersion, kind) => {
    expect(recognise({ apiVersion, kind })).toEqual({ type: 'Foreign' })
  })

  test.each([
    ['securitygroup', 'did you mean SecurityGroup?'],
    ['SecurityGroups', 'did you mean SecurityGroup?'],
    ['Vpc', 'did you mean VPC?'],
    ['Firewall', 'the kinds are CloudProfile, AddressGroup, VPC, SecurityGroup, Instance, ReachabilityCheck'],
  ])('refuses the kind %s of its own group', (kind, hint) => {
    expect(refusals({ apiVersion: ours, kind })).toEqual([`UnknownKind kind: ${hint}`])
  })

  test.each([
    'palisade.dev/v1',
    'palisade.dev/v1alpha2',
    'palisade.dev',
    'palisade.dev/',
    'palisade.dev/v1alpha1/x',
  ])('refuses the version %s', (apiVersion) => {
    expect(refusals({ apiVersion, kind: 'VPC' })).toEqual([
      'WrongApiVersion apiVersion: write palisade.dev/v1alpha1',
    ])
  })

  // Skipped as somebody else's, a security group would silently not be in force.
  test.each([
    'palisde.dev/v1alpha1',
    'Palisade.dev/v1alpha1',
    'palisade.io/v1alpha1',
    'pallisade.dev/v1alpha1',
  ])('takes %s with a kind of its own for a misspelling', (apiVersion) => {
    expect(refusals({ apiVersion, kind: 'SecurityGroup' })).toEqual([
      'WrongApiVersion apiVersion: write palisade.dev/v1alpha1',
    ])
    expect(recognise({ apiVersion, kind: 'Fence' })).toEqual({ type: 'Foreign' })
  })

  test('reports a wrong version and an unknown kind together', () => {
    expect(refusals({ apiVersion: 'palisade.dev/v2', kind: 'Vps' })).toEqual([
      'WrongApiVersion apiVersion: write palisade.dev/v1alpha1',
      'UnknownKind kind: did you mean VPC?',
    ])
  })

  test.each([
    ['{}', ['MissingField apiVersion', 'MissingField kind']],
    ['{apiVersion: , kind: ""}', ['MissingField apiVersion', 'MissingField kind']],
    ['{kind: VPC}', ['MissingField apiVersion']],
    ['{kind: ConfigMap}', ['MissingField apiVersion']],
    ['{apiVersion: palisade.dev/v1alpha1}', ['MissingField kind']],
    ['{apiVersion: 1, kind: VPC}', ['WrongType apiVersion']],
    ['{apiVersion: palisade.dev/v1alpha1, kind: [VPC]}', ['WrongType kind']],
  ])('refuses %s', (text, expected) => {
    expect(refusals(yaml(text)).map((refusal) => refusal.split(':')[0])).toEqual(expected)
  })
})

describe('the title of a finding', () => {
  const messageOf = (text: string): string | undefined => validator.validate(yaml(text)).findings[0]?.message

  test.each([
    ['{}', 'a document without a kind: apiVersion: is required'],
    [`{kind: VPC}`, 'VPC without a name: apiVersion: is required'],
    [`{kind: VPC, metadata: {name: shop}}`, 'VPC default/shop: apiVersion: is required'],
    [`{kind: VPC, metadata: {name: shop, namespace: a}}`, 'VPC a/shop: apiVersion: is required'],
    [`{kind: CloudProfile, metadata: {name: x}}`, 'CloudProfile x: apiVersion: is required'],
    [`{kind: VPC, metadata: {name: a/b}}`, 'VPC "a/b": apiVersion: is required'],
    [`{kind: VPC, metadata: {name: "a\\u001b[2J"}}`, 'VPC "a\\u001b[2J": apiVersion: is required'],
    [`{kind: "a\\u001b[2J"}`, '"a\\u001b[2J" without a name: apiVersion: is required'],
  ])('of %s', (text, message) => {
    expect(messageOf(text)).toBe(message)
  })
})

test('an object of another group is refused by the validator, which nobody should ask', () => {
  const { object, findings } = validator.validate({ apiVersion: 'v1', kind: 'Secret' })
  expect(object).toBeUndefined()
  expect(findings.map(({ code }) => code)).toEqual(['WrongApiVersion'])
})
