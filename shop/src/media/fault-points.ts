/** The boundaries between the database and the files: before a file is stored that a row asks for, and
 *  after it was, while no row says so. `resize` is passed once per width. */
export const mediaFaultPoints = [
  'media.upload.before',
  'media.upload.after',
  'media.resize.before',
  'media.resize.after',
  'media.discard.before',
  'media.discard.after',
] as const
