/** One thing that was looked at. */
export interface Examination {
  /** `node`, `port`, … */
  readonly name: string
  readonly verdict: 'ok' | 'warn' | 'fail'
  /** What was seen. */
  readonly text: string
  /** What to do; empty when all is well. */
  readonly fix: string
}

export function ok(name: string, text: string): Examination {
  return { name, verdict: 'ok', text, fix: '' }
}

export function warn(name: string, text: string, fix: string): Examination {
  return { name, verdict: 'warn', text, fix }
}

export function fail(name: string, text: string, fix: string): Examination {
  return { name, verdict: 'fail', text, fix }
}
