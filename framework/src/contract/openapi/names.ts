/** `stockLevel` → `StockLevel`; what a component's name may not hold is dropped. */
export function pascal(text: string): string {
  const kept = text.replace(/[^A-Za-z0-9]+(.?)/g, (_all, next: string) => next.toUpperCase())
  return kept.charAt(0).toUpperCase() + kept.slice(1)
}
