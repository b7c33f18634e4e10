import type { SecureContextOptions } from 'node:tls'
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import type { KafkaTransportOptions } from './options.ts'

/** A client of a cluster. Pure; its producers, consumers and admins connect. */
export function createCluster({ brokers, account, tls }: KafkaTransportOptions): Kafka {
  return new Kafka({
    clientId: 'banyan',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    requestTimeout: 8_000,
    // who calls repeats, in the order that is right
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
    ...(account === undefined ? {} : { sasl: saslOf(account) }),
    ...(tls === undefined ? {} : { ssl: typeof tls === 'boolean' ? tls : secureOf(tls) }),
  })
}

function saslOf({
  mechanism,
  user,
  password,
}: NonNullable<KafkaTransportOptions['account']>): NonNullable<KafkaConfig['sasl']> {
  const credentials = { username: user, password }
  if (mechanism === 'plain') return { mechanism, ...credentials }
  return mechanism === 'scram-sha-256'
    ? { mechanism, ...credentials }
    : { mechanism, ...credentials }
}

function secureOf(
  tls: Exclude<NonNullable<KafkaTransportOptions['tls']>, boolean>,
): SecureContextOptions {
  return {
    ...(tls.authorities === undefined ? {} : { ca: tls.authorities }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  }
}
