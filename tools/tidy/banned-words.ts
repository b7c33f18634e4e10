import type { AstNode, Source } from '../../framework/src/boundary/index.ts'
import { isTestFile } from './files.ts'
import { type Finding, findingAt } from './finding.ts'

/** A word that only some places may use, with what to write instead. */
interface Ban {
  readonly word: string
  readonly instead: string
  /** The files that own it. */
  readonly allowed: (file: string, source: Source) => boolean
}

const nowhere = (): boolean => false
const inTools = (file: string): boolean => /^(?:tools|bench)\/|\.bench\.ts$/.test(file)
const inClock = (file: string): boolean => file === 'framework/src/kernel/clock.ts'

/** Tests may sleep only where something real runs beside them; everything else has a fake clock. */
const realThings =
  /from '(?:[^']*[./]fixture[^']*|node:(?:child_process|net|http|cluster|worker_threads)|[^']*\/(?:engines|runtime|cli|cluster|testing)\/[^']*|banyan\/(?:testing|runtime)[^']*)'/
const isRealTest = (file: string, source: Source): boolean =>
  isTestFile(file) && realThings.test(source.text)

const clockBan = (word: string, instead: string): Ban => ({
  word,
  instead,
  allowed: (file) => inClock(file) || inTools(file) || isTestFile(file),
})

const timerBan = (word: string): Ban => ({
  word,
  instead: 'clock.after() or sleep(clock, …); in tests a FakeClock',
  allowed: (file, source) => inClock(file) || inTools(file) || isRealTest(file, source),
})

const bans: Readonly<Record<string, Ban>> = {
  'Date.now': clockBan('Date.now', 'clock.nowMs()'),
  'new Date()': clockBan('new Date()', 'new Date(clock.nowMs())'),
  'performance.now': clockBan('performance.now', 'clock.monotonicMs()'),
  'process.hrtime': clockBan('process.hrtime', 'clock.monotonicMs()'),
  'Math.random': {
    word: 'Math.random',
    instead: 'the injected Random',
    allowed: (file) => file.startsWith('bench/'),
  },
  setTimeout: timerBan('setTimeout'),
  setInterval: timerBan('setInterval'),
  console: {
    word: 'console',
    instead: 'ctx.log; a program of its own prints in its main.ts',
    allowed: (file) => inTools(file) || /^framework\/src\/cli\/|(?:^|\/)main\.ts$/.test(file),
  },
  'process.env': {
    word: 'process.env',
    instead: 'settings that runtime parses once, or a parameter',
    allowed: (file) =>
      inTools(file) ||
      isTestFile(file) ||
      /^framework\/src\/(?:cli\/|testing\/|runtime\/settings)/.test(file),
  },
  any: { word: 'any', instead: 'unknown and a check, or a type parameter', allowed: nowhere },
  'as unknown as': {
    word: 'as unknown as',
    instead: 'a type guard, or a type that tells the truth',
    allowed: nowhere,
  },
  '!': {
    word: 'a non-null !',
    instead: '?? with what happens then, or a check',
    allowed: nowhere,
  },
  default: {
    word: 'a default export',
    instead: 'a named export',
    allowed: (file) => /(?:^|\/)topologies\/[^/]+\.ts$|\.config\.ts$/.test(file),
  },
  enum: { word: 'enum', instead: 'a union of string literals', allowed: nowhere },
  namespace: { word: 'namespace', instead: 'a file', allowed: nowhere },
}

/** The banned words that are visible in the syntax tree: never in comments or in texts. */
export function checkBannedNode(
  node: AstNode,
  ancestors: readonly AstNode[],
  source: Source,
): Finding[] {
  const word = wordOf(node, ancestors)
  const ban = word === undefined ? undefined : bans[word]
  if (ban === undefined || ban.allowed(source.file, source)) return []
  return [findingOf(ban.word, ban.instead, source, node)]
}

function findingOf(
  word: string,
  instead: string,
  source: Source,
  span: { start: number; end: number },
): Finding {
  const text = { message: `${word} is used outside the places that own it`, fix: `Use ${instead}.` }
  return findingAt('wordBanned', source, text, span)
}

function wordOf(node: AstNode, ancestors: readonly AstNode[]): string | undefined {
  switch (node.type) {
    case 'MemberExpression':
      return memberOf(node)
    case 'NewExpression': {
      const { callee } = node
      const isNow =
        callee.type === 'Identifier' && callee.name === 'Date' && node.arguments.length === 0
      return isNow ? 'new Date()' : undefined
    }
    case 'Identifier':
      return timerOf(node.name, ancestors.at(-1))
    case 'TSAnyKeyword':
      return 'any'
    case 'TSAsExpression':
      return isUnknownCast(node.expression) ? 'as unknown as' : undefined
    case 'TSNonNullExpression':
      return '!'
    case 'ExportDefaultDeclaration':
      return 'default'
    case 'TSEnumDeclaration':
      return 'enum'
    case 'TSModuleDeclaration':
      return node.id.type === 'Literal' ? undefined : 'namespace'
    default:
      return undefined
  }
}

function memberOf(node: Extract<AstNode, { type: 'MemberExpression' }>): string | undefined {
  const { object, property } = node
  if (object.type !== 'Identifier') return undefined
  if (object.name === 'console') return 'console'
  if (property.type !== 'Identifier' || node.computed) return undefined
  return `${object.name}.${property.name}`
}

/** The global function, called or passed on; not a property or a member of that name. */
function timerOf(name: string, parent: AstNode | undefined): string | undefined {
  if (name !== 'setTimeout' && name !== 'setInterval') return undefined
  const isMember =
    (parent?.type === 'MemberExpression' &&
      parent.property.type === 'Identifier' &&
      parent.property.name === name) ||
    parent?.type === 'Property' ||
    parent?.type === 'MethodDefinition'
  return isMember ? undefined : name
}

function isUnknownCast(node: AstNode): boolean {
  if (node.type === 'ParenthesizedExpression') return isUnknownCast(node.expression)
  return node.type === 'TSAsExpression' && node.typeAnnotation.type === 'TSUnknownKeyword'
}

const unfinished = new RegExp(
  `\\b(?:${['TO', 'FIX', 'XX'].map((w, i) => w + ['DO', 'ME', 'X'][i]).join('|')})\\b`,
)
const silencers = /@ts-(?:ignore|nocheck)|(?:eslint|oxlint)-disable(?!.* -- )|biome-ignore(?!.*: )/

/** Unfinished work and silenced checks in the comments of a file. */
export function checkComments(source: Source): Finding[] {
  return source.parsed().comments.flatMap((comment) => {
    const { value, start, end } = comment
    const span = { start, end }
    if (unfinished.test(value)) {
      return [findingOf('a note of unfinished work', 'an issue, or finish it', source, span)]
    }
    if (!silencers.test(value)) return []
    return [
      findingOf('a silenced check', 'code that passes it, or "-- reason" behind it', source, span),
    ]
  })
}
