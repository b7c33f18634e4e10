/** In which order services stop: first those that nobody among the rest calls, so that a request under
 *  way finds everything that it still needs. Services that call each other in a circle stop together.
 *  Pure.
 *  @param calls  service → the services that its modules call */
export function stopOrderOf(
  services: readonly string[],
  calls: Readonly<Record<string, readonly string[]>>,
): readonly (readonly string[])[] {
  const waves: (readonly string[])[] = []
  let left = [...new Set(services)]
  while (left.length > 0) {
    const isCalled = (service: string): boolean =>
      left.some((caller) => caller !== service && callsOf(calls, caller).includes(service))
    const free = left.filter((service) => !isCalled(service))
    const wave = free.length > 0 ? free : left
    waves.push(wave)
    left = left.filter((service) => !wave.includes(service))
  }
  return waves
}

function callsOf(
  calls: Readonly<Record<string, readonly string[]>>,
  service: string,
): readonly string[] {
  return Object.hasOwn(calls, service) ? (calls[service] ?? []) : []
}
