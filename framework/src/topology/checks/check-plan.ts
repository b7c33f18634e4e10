import { checkAvailability } from './availability.ts'
import { checkCalls } from './calls.ts'
import type { CheckScope } from './check-scope.ts'
import { checkDatabase } from './database.ts'
import { checkInstances } from './instances.ts'
import { checkListener } from './listener.ts'
import { checkMessages } from './messages.ts'
import { checkPlacement } from './placement.ts'
import { checkTimes } from './times.ts'

/** Finds what cannot work, between values that are right by themselves. */
export function checkPlan(scope: CheckScope): void {
  checkPlacement(scope)
  checkInstances(scope)
  checkDatabase(scope)
  checkCalls(scope)
  checkMessages(scope)
  checkListener(scope)
  checkTimes(scope)
  checkAvailability(scope)
}
