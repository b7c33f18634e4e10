import type { MessageOperator } from '../../messages/index.ts'

type Answer<Method extends 'overview' | 'list' | 'show' | 'park' | 'pause'> = Awaited<
  ReturnType<MessageOperator[Method]>
>

/** What operators get and give, by the names that commands use. */
export type MessagesOverview = Answer<'overview'>
export type ListedMessage = Answer<'list'>['messages'][number]
export type ShownMessage = Answer<'show'>
export type MessageChange = Answer<'park'>
export type QueueSettings = Answer<'pause'>
