import type { Random } from '../kernel/index.ts'
import type { Member } from './member.ts'

/** The instances of one module, and which of them a call goes to: the less busy of two random ones.
 *  That is nearly as even as asking all, and no herd runs to the one that was least busy a moment ago.
 *  Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001). */
export class Choice {
  readonly #random: Random
  readonly #members = new Set<Member>()
  #ready: readonly Member[] = []
  #candidates: readonly Member[] = []

  constructor(random: Random) {
    this.#random = random
  }

  get size(): number {
    return this.#members.size
  }

  get members(): Iterable<Member> {
    return this.#members
  }

  get hasReady(): boolean {
    return this.#ready.length > 0
  }

  /** Instances that wait for a call to prove themselves. */
  get hasCandidates(): boolean {
    return this.#candidates.length > 0
  }

  add(member: Member): void {
    this.#members.add(member)
    this.refresh()
  }

  remove(member: Member): void {
    this.#members.delete(member)
    this.refresh()
  }

  has(member: Member): boolean {
    return this.#members.has(member)
  }

  /** Reads anew who takes calls. When all that are connected are ejected, the ejection is not believed:
   *  they take calls again. */
  refresh(): void {
    const open = [...this.#members].filter(({ isOpen }) => isOpen)
    const healthy = open.filter(({ health }) => health.state === 'in')
    this.#candidates = open.filter(({ health }) => health.state === 'candidate')
    this.#ready = healthy.length > 0 ? healthy : open
  }

  /** The one for the next call, or undefined when none takes any.
   *  Cost: one random number; no allocation. */
  pick(): Member | undefined {
    const ready = this.#ready
    const count = ready.length
    if (count < 2) return ready[0]
    // one draw gives both: its whole part the first, what is left of it the second
    const draw = this.#random.fraction() * count
    const first = Math.trunc(draw)
    const second = Math.trunc((draw - first) * (count - 1))
    const one = ready[first]
    const other = ready[second < first ? second : second + 1]
    if (one === undefined || other === undefined) return one ?? other
    return other.inFlight < one.inFlight ? other : one
  }

  /** A candidate to be probed, or undefined. */
  candidate(): Member | undefined {
    return this.#candidates[0]
  }

  /** Everybody who takes calls, the least busy first, `avoid` last. */
  ranked(avoid: Member | undefined): readonly Member[] {
    const order = (member: Member): number =>
      member === avoid ? Number.POSITIVE_INFINITY : member.inFlight
    return this.#ready.toSorted((one, other) => (order(one) < order(other) ? -1 : 1))
  }

  /** Whether somebody other than `avoid` takes calls. */
  hasOther(avoid: Member | undefined): boolean {
    return this.#ready.some((member) => member !== avoid)
  }

  /** Whether one more may be left out: at most `shareMax` of all, and somebody else takes calls. */
  mayEject(member: Member, shareMax: number): boolean {
    let out = 1
    for (const other of this.#members) if (other.health.state !== 'in') out++
    return out <= this.#members.size * shareMax && this.hasOther(member)
  }
}
