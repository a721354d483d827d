/** Every code of a finding about what the files say together, and what it means. Scripts may depend on the codes. */
export const CONTROLLER_CODES = {
  DuplicateObject: 'More than one document declares the same object; none of them counts.',
  DeletionBlocked: 'An object was deleted and stays in force, since others still need it.',
  DeletionHeldBack: 'The source no longer declares so many objects that nothing was done.',
  ChangeBlocked:
    'A change would break a ReachabilityCheck that blocks, or leave it without what it names; nothing that was asked for in its namespace was made.',
  CheckBroken: 'A ReachabilityCheck does not hold in what is in force.',
  CheckIncomplete: 'A ReachabilityCheck names something that is not in force.',
  RuleExpiresSoon: 'A rule will close by itself within a day, or within an hour.',
  RuleExpired: 'The time of a rule has passed: it contributes nothing any more.',
  ClockWentBack: 'The clock shows a time before one that it has shown; what had expired stays closed.',
} as const

export type ControllerCode = keyof typeof CONTROLLER_CODES
