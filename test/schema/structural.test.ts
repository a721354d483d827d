import { describe, expect, test } from 'vitest'
import { readSchema } from '../../src/schema/structural.ts'

describe('a schema that could not be enforced offline is refused', () => {
  const text = { type: 'string', maxLength: 1 }

  test.each([
    ['no schema', 'x', 'must be a schema'],
    ['no type', {}, 'type undefined is not supported'],
    ['fractions', { type: 'number' }, 'type number is not supported'],
    ['another keyword', { ...text, oneOf: [] }, 'oneOf is not supported'],
    ['nullable', { ...text, nullable: true }, 'nullable is not supported'],
    ['free fields', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, 'is not supported'],
    ['a list without a bound', { type: 'array', items: text }, 'maxItems is missing'],
    ['a map without a bound', { type: 'object', additionalProperties: text }, 'maxProperties is missing'],
    ['a list without items', { type: 'array', maxItems: 1 }, 'spec[]: must be a schema'],
    ['an unknown sort of list', { type: 'array', maxItems: 1, 'x-kubernetes-list-type': 'bag' }, 'list-type'],
    [
      'a required field that is none',
      { type: 'object', properties: {}, required: ['a'] },
      'names no field: a',
    ],
    [
      'a field that every object has',
      { type: 'object', properties: { toString: text } },
      'cannot be called toString',
    ],
    [
      'a rule without a message',
      { ...text, 'x-kubernetes-validations': [{ rule: 'true' }] },
      'needs rule and message',
    ],
    [
      'a message that is computed',
      { ...text, 'x-kubernetes-validations': [{ rule: 'true', message: 'm', messageExpression: 'self' }] },
      'messageExpression of a validation rule is not supported',
    ],
    [
      'a path with an index',
      { ...text, 'x-kubernetes-validations': [{ rule: 'true', message: 'm', fieldPath: '.a[0]' }] },
      'fieldPath .a[0] is not supported',
    ],
    ['a bound in quotes', { type: 'string', maxLength: '1' }, 'maxLength must be a number'],
    ['options that are numbers', { type: 'string', enum: [1] }, 'enum must hold text'],
  ])('%s', (_, node, problem) => {
    expect(() => readSchema(node, 'spec')).toThrow(problem)
  })

  test('and the message says where', () => {
    const node = {
      type: 'object',
      properties: { a: { type: 'array', maxItems: 1, items: { type: 'null' } } },
    }
    expect(() => readSchema(node, 'vpcs.yaml: spec')).toThrow(
      'vpcs.yaml: spec.a[]: type null is not supported',
    )
  })
})
