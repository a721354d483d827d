/** Every code of a finding about one object by itself, and what it means. Scripts may depend on the codes. */
export const SCHEMA_CODES = {
  BadAnnotation: 'An annotation has a key that Kubernetes refuses, or all of them together are too long.',
  BadLabel: 'A label has a key or a value that Kubernetes refuses.',
  BadName: 'A name or namespace is not one that Kubernetes accepts for the kind.',
  DuplicateEntry: 'A list holds the same entry twice, or two entries with the same key.',
  MissingField: 'A required field is not given.',
  MoreFindings: 'The object has more findings than are listed.',
  NoValue: 'A field is written without a value.',
  NotOneOf: 'A value is none of those that the field may have.',
  OutOfRange: 'A number is below or above what the field may hold.',
  PatternMismatch: 'A text does not have the form that the field asks for.',
  RuleViolated: 'A validation rule of the CRD does not hold.',
  TooFew: 'A list has fewer entries than it must have.',
  TooLong: 'A text has more characters than the field may hold.',
  TooMany: 'A list or map has more entries than it may have.',
  TooShort: 'A text has fewer characters than it must have.',
  UnknownField: 'The kind has no such field.',
  UnknownKind: 'palisade.dev has no such kind.',
  WrongApiVersion: 'The version is not one that palisade.dev has, or the group is misspelt.',
  WrongType: 'A value is not of the type that the field has.',
} as const

export type SchemaCode = keyof typeof SCHEMA_CODES
