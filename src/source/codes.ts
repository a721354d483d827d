/** Every code of a finding about where manifests come from, and what it means. Scripts may depend on the codes. */
export const SOURCE_CODES = {
  NotAFile: 'A FIFO, a device or a socket stands where a file or a folder belongs.',
  NotInRevision: 'A path was not there yet in the revision that is compared with.',
  SourceChanging: 'A file changed each time that it was read.',
  SourceNotFound: 'A path of the command line leads to nothing.',
  SourceUnreadable: 'A file or a folder is there and cannot be read.',
  SourceVanished: 'A path of the command line that was there before is gone.',
  WatchFailed: 'The system does not tell when a folder changes, so that changes are seen late.',
} as const

export type SourceCode = keyof typeof SOURCE_CODES
