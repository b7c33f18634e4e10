import type { TransportDeclaration } from '../../messages/index.ts'
import { reasonOf } from './failure.ts'
import type { Client } from './link.ts'
import { namesOf } from './names.ts'

/** A stream for every topic that somebody wants, and in it a group for every consumer, which begins with
 *  what is published from now on. What exists already stays. */
export async function declare(
  client: Client,
  { application, consumers }: TransportDeclaration,
): Promise<void> {
  const names = namesOf(application)
  const pairs = consumers.flatMap(({ name, topics }) => topics.map((topic) => ({ name, topic })))
  await Promise.all(
    pairs.map(async ({ name, topic }) => {
      try {
        await client.xGroupCreate(names.streamOf(topic), name, '$', { MKSTREAM: true })
      } catch (error) {
        if (!reasonOf(error).startsWith('BUSYGROUP')) throw error
      }
    }),
  )
}
