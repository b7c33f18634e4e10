// NestJS with class-validator and class-transformer: the way most of its documentation teaches.
import 'reflect-metadata'
import { Body, ClassSerializerInterceptor, SerializeOptions, ValidationPipe } from '@nestjs/common'
import { serveNest } from './nestjs-app.js'
import { OrderReplyClass, OrderRequestClass } from './nestjs-order-classes.js'

await serveNest({
  body: { type: OrderRequestClass, decorator: Body() },
  pipe: new ValidationPipe({ whitelist: true }),
  serialize: SerializeOptions({ type: OrderReplyClass, strategy: 'excludeAll' }),
  serializer: ClassSerializerInterceptor,
})
