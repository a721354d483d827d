import { describe, expect, test } from 'vitest'
import { ambiguityOf, readPlain } from '../../src/manifest/plain-scalar.ts'

describe('a scalar without quotes that every reader has alike', () => {
  test.each<[string, string | number | boolean | null]>([
    ['web-1', 'web-1'],
    ['443', 443],
    ['-1', -1],
    ['+1', 1],
    ['0', 0],
    ['-0', 0],
    ['1.50', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1.5e+3', 1500],
    ['0x1F', 31],
    ['true', true],
    ['FALSE', false],
    ['null', null],
    ['~', null],
    ['', null],
    ['tRUE', 'tRUE'],
    ['nan', 'nan'],
    ['-', '-'],
    ['.', '.'],
    ['=', '='],
    ['8000-8080', '8000-8080'],
    ['2024-01-01', '2024-01-01'],
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.0/16', '10.0.0.0/16'],
    ['fd00:10::10', 'fd00:10::10'],
    ['02:00:00:00:00:01', '02:00:00:00:00:01'],
    ['52:54:00:ab:cd:ef', '52:54:00:ab:cd:ef'],
    ['22:75', '22:75'],
    ['1e', '1e'],
    ['0x', '0x'],
    ['__1', '__1'],
  ])('%j is %j', (text, value) => {
    expect(readPlain(text)).toBe(value)
    expect(ambiguityOf(text)).toBeUndefined()
  })
})

// What kubectl makes of them was asked of sigs.k8s.io/yaml 1.4.0 itself.
describe('a scalar without quotes that readers differ on', () => {
  test.each<[string, string | number | boolean, string | number | boolean, 'kubectl' | 'YAML 1.1']>([
    ['on', 'on', true, 'kubectl'],
    ['Off', 'Off', false, 'kubectl'],
    ['YES', 'YES', true, 'kubectl'],
    ['no', 'no', false, 'kubectl'],
    ['y', 'y', true, 'kubectl'],
    ['N', 'N', false, 'kubectl'],
    ['0443', 443, 291, 'kubectl'],
    ['-010', -10, -8, 'kubectl'],
    ['08', 8, '08', 'YAML 1.1'],
    ['0o17', 15, '0o17', 'YAML 1.1'],
    ['-0o7', '-0o7', -7, 'kubectl'],
    ['0b101', '0b101', 5, 'kubectl'],
    ['-0x1F', '-0x1F', -31, 'kubectl'],
    ['0X1F', '0X1F', 31, 'kubectl'],
    ['1_000', '1_000', 1000, 'kubectl'],
    ['1_0.5', '1_0.5', 10.5, 'kubectl'],
    ['1e3', 1000, '1e3', 'YAML 1.1'],
    ['1.5e3', 1500, '1.5e3', 'YAML 1.1'],
    ['1_e3', '1_e3', 1000, 'kubectl'],
    ['22:22', '22:22', 1342, 'YAML 1.1'],
    ['1:30:00.5', '1:30:00.5', 5400.5, 'YAML 1.1'],
    ['52:54:00:12:34:56', '52:54:00:12:34:56', 41_135_085_296, 'YAML 1.1'],
  ])('%j', (text, core, other, reader) => {
    expect(ambiguityOf(text)).toEqual({ core, other, reader })
  })
})
