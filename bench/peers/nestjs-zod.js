// NestJS with its Standard Schema pipe and serializer over zod: new in version 12, and faster.
import 'reflect-metadata'
import {
  Body,
  SerializeOptions,
  StandardSchemaSerializerInterceptor,
  StandardSchemaValidationPipe,
} from '@nestjs/common'
import { serveNest } from './nestjs-app.js'
import { orderReplyZod, orderRequestZod } from './order-zod.js'

await serveNest({
  body: { type: Object, decorator: Body({ schema: orderRequestZod }) },
  pipe: new StandardSchemaValidationPipe(),
  serialize: SerializeOptions({ schema: orderReplyZod }),
  serializer: StandardSchemaSerializerInterceptor,
})
