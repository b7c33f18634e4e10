import type { FileInfo, FileRange } from '../module/index.ts'
import { filesOptionInvalid, filesRangeInvalid } from './errors.ts'

/** A range whose two ends are in the file. */
export interface ByteSpan {
  readonly first: number
  readonly count: number
  readonly isWhole: boolean
}

/** Which bytes of a file a range means; an end beyond the file's is the file's.
 *  @throws FILES_RANGE_INVALID */
export function spanOf(
  info: Pick<FileInfo, 'key' | 'sizeBytes'>,
  range: FileRange | undefined,
): ByteSpan {
  const { key, sizeBytes } = info
  if (range === undefined) return { first: 0, count: sizeBytes, isWhole: true }
  const { first, last = sizeBytes - 1 } = range
  if (first >= sizeBytes) throw filesRangeInvalid({ key, range: rangeText(range), sizeBytes })
  const count = Math.min(last, sizeBytes - 1) - first + 1
  return { first, count, isWhole: count === sizeBytes }
}

/** @throws FILES_OPTION_INVALID for what is no range of any file */
export function assertRange(range: FileRange | undefined): void {
  if (range === undefined) return
  const { first, last = first } = range
  const isWhole = Number.isSafeInteger(first) && Number.isSafeInteger(last)
  if (isWhole && first >= 0 && last >= first) return
  const rule = 'two whole numbers from 0, the second not below the first'
  throw filesOptionInvalid({ option: 'range', value: rangeText(range), rule })
}

/** `bytes=0-99`, as HTTP writes it. */
export function rangeText({ first, last }: FileRange): string {
  return `bytes=${first}-${last ?? ''}`
}
