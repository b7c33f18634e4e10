// A NestJS microservice on its TCP transport: no pipe, no guard, no interceptor, no logger.
import 'reflect-metadata'
import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MessagePattern, Payload, Transport } from '@nestjs/microservices'
import { announceAddress } from '../announce.js'
import { decorateClass, decorateMethod } from '../decorate.js'
import { place, placeSlowly } from './handlers.js'

class OrdersController {
  place(order) {
    return place(order)
  }

  placeSlowly(order) {
    return placeSlowly(order)
  }
}
const order = { type: Object, decorator: Payload() }
decorateMethod(OrdersController, 'place', [MessagePattern('orders.place')], [order])
decorateMethod(OrdersController, 'placeSlowly', [MessagePattern('orders.placeSlowly')], [order])
decorateClass(OrdersController, [Controller()])

class OrdersModule {}
decorateClass(OrdersModule, [Module({ controllers: [OrdersController] })])

const service = await NestFactory.createMicroservice(OrdersModule, {
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port: 0 },
  logger: false,
})
await service.listen()
announceAddress({ port: service.unwrap().address().port }, () => service.close())
