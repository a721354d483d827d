/** Every code of a finding about how a file is written, and what it means. Scripts may depend on the codes. */
export const MANIFEST_CODES = {
  AliasCycle: 'An alias stands within the value that it names.',
  AliasExpansion: 'A document uses too many aliases, or they stand for too many values.',
  AmbiguousScalar: 'Readers of YAML do not read a value or a key alike, kubectl among them.',
  ControlCharacter: 'A character that may not stand in a manifest as it is, or the line ends of old Macs.',
  DuplicateKey: 'A mapping has the same key twice.',
  EmptyFile: 'A file has no content at all, as one has that somebody is about to write.',
  FileTooLarge: 'A file has more bytes than a manifest may have.',
  KeyNotText: 'A key is a number, a boolean or null, or is missing.',
  NotAList: 'The items of a list are no list.',
  NotAMapping: 'Something else stands where an object belongs.',
  NotUtf8: 'The file is not encoded as UTF-8.',
  NumberOutOfRange: 'A number that JSON cannot hold, or cannot hold exactly.',
  TabIndentation: 'A line is indented with a tab.',
  TooDeep: 'Mappings and sequences lie too deep within each other.',
  TooManyDocuments: 'A file has more objects than a manifest may have.',
  TooManyFindings: 'A file has more findings than are listed.',
  TooManyNodes: 'A document has more values than a document may have.',
  UnknownAlias: 'An alias names a value that does not come before it.',
  UnknownListField: 'A list of objects has a field that lists do not have.',
  UnsupportedYaml: 'YAML that manifests do not use: tags, merge keys, directives, keys that are no text.',
  YamlSyntax: 'The text is not YAML.',
} as const

export type ManifestCode = keyof typeof MANIFEST_CODES
