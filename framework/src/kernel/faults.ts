import { kernelFaultInjected, kernelFaultsInvalid } from './errors.ts'

/** What an armed fault point does: end the process as SIGKILL would, throw, or never continue. */
export type FaultAction = 'kill' | 'fail' | 'hang'

/** Named points in production code, at every commit boundary, where a test can kill, fail or stop
 *  the process. Unarmed, a point costs one property read. */
export class Faults {
  readonly #armed = new Map<string, { action: FaultAction; remaining: number }>()
  readonly #kill: () => void
  /** Names of all points reached since the start, when `recording`. */
  readonly reached: Set<string> = new Set()
  recording = false

  constructor(kill: () => void = () => process.kill(process.pid, 'SIGKILL')) {
    this.#kill = kill
  }

  /** Arms `point` to act on its `nth` (≥ 1) passing, once. */
  arm(point: string, action: FaultAction, nth: number = 1): void {
    this.#armed.set(point, { action, remaining: nth })
  }

  disarm(): void {
    this.#armed.clear()
  }

  /** Passes the point `point`.
   *  @throws KERNEL_FAULT_INJECTED when armed to fail. */
  async reach(point: string): Promise<void> {
    if (this.recording) this.reached.add(point)
    if (this.#armed.size === 0) return
    const fault = this.#armed.get(point)
    if (fault === undefined || --fault.remaining > 0) return
    this.#armed.delete(point)
    if (fault.action === 'fail') throw kernelFaultInjected({ point })
    if (fault.action === 'kill') this.#kill()
    await new Promise(() => {})
  }
}

/** Arms `faults` from the text of BANYAN_FAULTS: `point=kill|fail|hang[@n]`, comma-separated.
 *  @throws KERNEL_FAULTS_INVALID */
export function armFaults(faults: Faults, text: string): void {
  for (const part of text.split(',').filter((item) => item !== '')) {
    const match = /^([\w.-]+)=(kill|fail|hang)(?:@(\d{1,6}))?$/.exec(part.trim())
    if (match?.[1] === undefined) throw kernelFaultsInvalid({ value: part })
    faults.arm(match[1], match[2] as FaultAction, Number(match[3] ?? 1))
  }
}
