/** Every code of a finding that a verb adds by itself, and what it means. Scripts may depend on the codes. */
export const CLI_CODES = {
  NothingDeclared: 'A path of the command line holds no object of palisade.',
} as const

export type CliCode = keyof typeof CLI_CODES
