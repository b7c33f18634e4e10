/** The keys of an application. The braces keep them in one slot, so that scripts may use them together. */
export interface Names {
  /** The stream of a topic; it is there as soon as a consumer wants the topic. */
  streamOf(topic: string): string
  /** Holds the token of the process that works for a consumer. */
  leaseOf(consumer: string): string
}

export function namesOf(application: string): Names {
  return {
    streamOf: (topic) => `banyan:{${application}}:topic:${topic}`,
    leaseOf: (consumer) => `banyan:{${application}}:lease:${consumer}`,
  }
}
