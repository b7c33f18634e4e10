// The order service of gRPC, loaded from its proto file; messages become plain objects.
import { fileURLToPath } from 'node:url'
import { loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const file = fileURLToPath(new URL('./orders.proto', import.meta.url))
const definition = loadSync(file, {
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
})

export const { Orders } = loadPackageDefinition(definition).orders
