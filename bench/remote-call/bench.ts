/** Calls between two processes: Banyan's carriers with all their meaning, beside the transports of
 *  its peers, which do less. See bench/README.md. */
import type { Bench, Measured, RunOptions } from '../measure/bench.ts'
import { installPeers, peerVersions } from '../measure/peers.ts'
import { type Absence, type Round, Samples } from '../measure/result.ts'
import { addFigures, metrics } from './figures.ts'
import { runSubject } from './processes.ts'
import { planCells } from './scenario.ts'
import {
  banyanSubjects,
  inlineSubject,
  peersFolder,
  type Subject,
  subjects,
  tryFindAbsence,
} from './subjects.ts'
import { carrierNotes, judgeRemoteCall, loneCallerNote, subjectUnderTest } from './verdicts.ts'

export const remoteCallBench: Bench = {
  name: 'remote-call',
  title: 'one service calls another, in two processes',
  report: {
    subject: subjectUnderTest,
    // Without a transport there is nothing to compare, and other carriers of Banyan are no rivals.
    references: [...banyanSubjects, inlineSubject].map(({ name }) => name),
  },
  run: runRemoteCall,
}

async function runRemoteCall(options: RunOptions): Promise<Measured> {
  installPeers(peersFolder, options.say)
  const run = new RemoteCallRun(options)
  for (let round = 1; round <= options.rounds; round += 1) await run.round(round)
  return run.measured()
}

/** The state of one run: which subjects are still in it, and what was seen so far. */
class RemoteCallRun {
  readonly #options: RunOptions
  readonly #samples = new Samples()
  readonly #rounds: Round[] = []
  readonly #missing: Absence[] = []
  readonly #refused: Absence[] = []
  #running: Subject[] = []

  constructor(options: RunOptions) {
    this.#options = options
    for (const subject of subjects) {
      if (options.only.length > 0 && !options.only.includes(subject.name)) continue
      const reason = tryFindAbsence(subject)
      if (reason === undefined) this.#running.push(subject)
      else this.#missing.push({ subject: subject.name, reason })
    }
  }

  /** Measures every subject once, each in fresh processes; each round begins with another one. */
  async round(round: number): Promise<void> {
    const start = (round - 1) % Math.max(1, this.#running.length)
    const inTurn = [...this.#running.slice(start), ...this.#running.slice(0, start)]
    for (const subject of inTurn) {
      this.#options.say(`round ${round} of ${this.#options.rounds}: ${subject.name}`)
      await this.#measure(subject, round)
    }
  }

  measured(): Measured {
    const cells = this.#samples.cells()
    return {
      versions: peerVersions(peersFolder),
      metrics,
      cells,
      verdicts: judgeRemoteCall(cells),
      missing: this.#missing,
      refused: this.#refused,
      roundFacts: this.#rounds,
      notes: [
        'only Banyan checks input and output at both ends, carries a deadline, a trace, a ' +
          'principal and an idempotency key, records spans and metrics, and limits admission',
        loneCallerNote(cells),
        ...carrierNotes(cells),
      ],
    }
  }

  /** A subject that fails is refused and leaves the run; the others go on. */
  async #measure(subject: Subject, round: number): Promise<void> {
    try {
      const seen = await runSubject(subject, { cells: planCells(this.#options.seconds) })
      const at = { subject: subject.name, round }
      for (const cell of seen) this.#rounds.push(addFigures(this.#samples, cell, at))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.say(`REFUSED ${subject.name}: ${reason}`)
      this.#refused.push({ subject: subject.name, reason })
      this.#running = this.#running.filter((other) => other !== subject)
    }
  }
}
