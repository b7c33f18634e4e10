import type { CodeWriter } from './code-writer.ts'
import type { Node } from './node.ts'
import type { WireForm } from './revive.ts'

/** What the generated code reads: values as the application holds them, or a wire form. */
export type Form = 'domain' | WireForm

/** What the emitters of the single constructs work with; `ParseEmitter` is the one there is.
 *
 *  Conventions of the generated code: a function takes the value and the depth of recursion `d`,
 *  and returns the copy or `I` (`invalid`). Every construct yields the name of a variable that
 *  holds the copy. */
export interface Emitter {
  readonly writer: CodeWriter
  readonly form: Form
  /** The same code, continued for values that are in the domain form already. */
  readonly domain: Emitter
  line(code: string): void
  constant(value: unknown): string
  /** Code for the node on the variable `input`: inline, or a call where it is shared.
   *  @returns the variable that holds the copy. */
  emit(node: Node, input: string): string
  /** A call of the node's own function, as an expression; it may be `I`. */
  call(node: Node, input: string): string
}
