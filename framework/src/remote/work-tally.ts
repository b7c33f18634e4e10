/** Counts what is under way, and tells when nothing is. */
export class WorkTally {
  inFlight = 0
  /** Called each time when the last one has ended. */
  idle: (() => void) | undefined = undefined

  begin(): void {
    this.inFlight++
  }

  end(): void {
    this.inFlight--
    if (this.inFlight === 0) this.idle?.()
  }
}
