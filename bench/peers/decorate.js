// NestJS is written with decorators, which Node does not run. These helpers apply them by hand in
// the order and with the metadata that the TypeScript compiler would emit.

/** Declares a class: its decorators, and the types of its constructor's parameters. */
export function decorateClass(target, decorators, parameterTypes = []) {
  Reflect.defineMetadata('design:paramtypes', parameterTypes, target)
  for (const decorator of decorators.toReversed()) decorator(target)
  return target
}

/** Declares a method: its decorators, and per parameter its type and decorator. */
export function decorateMethod(target, name, decorators, parameters = []) {
  const types = parameters.map(({ type }) => type)
  Reflect.defineMetadata('design:paramtypes', types, target.prototype, name)
  for (const [index, { decorator }] of parameters.entries()) {
    decorator(target.prototype, name, index)
  }
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name)
  for (const decorator of decorators.toReversed()) decorator(target.prototype, name, descriptor)
}

/** Declares a property of a data class. */
export function decorateProperty(target, name, type, decorators) {
  Reflect.defineMetadata('design:type', type, target.prototype, name)
  for (const decorator of decorators.toReversed()) decorator(target.prototype, name)
}
