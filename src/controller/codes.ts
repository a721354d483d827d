/** Every code of a finding about what the files say together, and what it means. Scripts may depend on the codes. */
export const CONTROLLER_CODES = {
  DuplicateObject: 'More than one document declares the same object; none of them counts.',
  DeletionBlocked: 'An object was deleted and stays in force, since others still need it.',
  DeletionHeldBack: 'The source no longer declares so many objects that nothing was done.',
} as const

export type ControllerCode = keyof typeof CONTROLLER_CODES
