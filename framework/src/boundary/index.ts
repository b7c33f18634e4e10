/**
 * Boundary: reads what source files import and which tables they name, and holds it against a law.
 * `checkModules` is the law of an application's modules (what `banyan check` runs); `readImports`,
 * `findCycles`, `Source` and `walk` are the parts from which the framework's own law is built.
 * It parses, it never runs what it reads; it reads files and changes nothing. Not for types (that is
 * the compiler's job) and not for who calls whom at run time (that is the room `module`).
 * Limits: relative imports are followed, path aliases of a bundler or of tsconfig are not.
 */
export { checkModules, type CheckModulesOptions, type ModulesReport } from './check-modules.ts'
export { findCycles, type ImportGraph } from './cycles.ts'
export * from './errors.ts'
export { findModules, type ModuleFolder } from './find-modules.ts'
export { type Import, importsOf, readImports } from './imports.ts'
export { type Finding, renderViolation, type Violation, violationOf } from './violation.ts'
export { resolveImport } from './resolve.ts'
export { type Place, Source } from './source.ts'
export { type AstNode, walk } from './walk.ts'
