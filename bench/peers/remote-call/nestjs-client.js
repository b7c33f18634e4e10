import 'reflect-metadata'
import { ClientProxyFactory, Transport } from '@nestjs/microservices'
import { firstValueFrom } from 'rxjs'

export async function connect({ port }) {
  const options = { host: '127.0.0.1', port }
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options })
  await client.connect()
  return {
    place: (order) => firstValueFrom(client.send('orders.place', order)),
    placeSlowly: (order) => firstValueFrom(client.send('orders.placeSlowly', order)),
    close: async () => client.close(),
  }
}
