/** The open-loop load: requests leave at a fixed rate whether or not earlier ones were answered, and
 *  latency counts from the moment a request was meant to leave, so a stall is not forgiven
 *  (coordinated omission). A process of its own: node open-loop.ts <url> <rate> <seconds> <tokens>
 *  <bodies>; prints one line of JSON. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { quantile } from '../measure/statistics.ts'

const [url = '', rateText = '', secondsText = '', tokensFile = '', bodiesFile = ''] =
  process.argv.slice(2)
const ratePerMs = Number(rateText) / 1_000
const total = Math.round(Number(rateText) * Number(secondsText))
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trim().split('\n')
const tokens = linesOf(tokensFile)
const bodies = linesOf(bodiesFile)
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

const latenciesMs: number[] = []
let errors = 0
let sent = 0
let answered = 0
const startedMs = performance.now()

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

function settle(intendedMs: number, ok: boolean): void {
  answered += 1
  if (ok) latenciesMs.push(performance.now() - intendedMs)
  else errors += 1
}

function send(index: number, intendedMs: number): void {
  const body = bodies[index % bodies.length] ?? ''
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    authorization: `Bearer ${tokens[index % tokens.length] ?? ''}`,
    traceparent: `00-${hex(index + 1, 32)}-${hex(index + 1, 16)}-01`,
  }
  const outgoing = request(`${url}/orders`, { method: 'POST', agent, headers }, (answer) => {
    answer.resume().on('end', () => settle(intendedMs, answer.statusCode === 200))
  })
  outgoing.on('error', () => settle(intendedMs, false)).end(body)
}

function report(): void {
  const round = (ms: number): number => Math.round(ms * 1_000) / 1_000
  const at = (fraction: number): number =>
    latenciesMs.length === 0 ? 0 : round(quantile(latenciesMs, fraction))
  const result = { sent, errors, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999) }
  process.stdout.write(`${JSON.stringify(result)}\n`)
  agent.destroy()
}

// Spins instead of sleeping: a timer's millisecond would be the largest part of the latency.
function pump(): void {
  // Request 0 is due at once, request n after n intervals.
  const due = Math.min(total, Math.floor((performance.now() - startedMs) * ratePerMs) + 1)
  while (sent < due) {
    send(sent, startedMs + sent / ratePerMs)
    sent += 1
  }
  const givesUp = performance.now() - startedMs > (Number(secondsText) + 5) * 1_000
  if (answered === total || givesUp) {
    errors += sent - answered
    report()
  } else {
    setImmediate(pump)
  }
}
pump()
