// The NestJS application with every duty, done as its documentation shows: a guard with
// @nestjs/jwt, a validation pipe, a serializer, nestjs-pino, prom-client in an interceptor and
// OpenTelemetry's SDK. `shape` says how the order is declared: see nestjs.js and nestjs-zod.js.
import 'reflect-metadata'
import {
  Controller,
  Get,
  Header,
  HttpCode,
  Injectable,
  Module,
  Post,
  Req,
  UnauthorizedException,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { JwtModule, JwtService } from '@nestjs/jwt'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { trace } from '@opentelemetry/api'
import { Logger, LoggerModule } from 'nestjs-pino'
import pino from 'pino'
import { Histogram, register } from 'prom-client'
import { finalize } from 'rxjs'
import { priceOrder } from '../endpoint/order.ts'
import { decorateClass, decorateMethod } from './decorate.js'
import { announce, logPath, tokenAudience, tokenIssuer, tokenSecret } from './settings.js'
import { stopTelemetry } from './telemetry.js'

const tracer = trace.getTracer('orders')
const duration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time spent in the handler and around it',
  labelNames: ['method', 'route', 'status_code'],
})

class AuthGuard {
  constructor(jwt) {
    this.jwt = jwt
  }

  async canActivate(context) {
    const request = context.switchToHttp().getRequest()
    const [type, token] = request.headers.authorization?.split(' ') ?? []
    if (type !== 'Bearer' || token === undefined) throw new UnauthorizedException()
    try {
      request.user = await this.jwt.verifyAsync(token)
    } catch {
      throw new UnauthorizedException()
    }
    return true
  }
}
decorateClass(AuthGuard, [Injectable()], [JwtService])

class DurationInterceptor {
  intercept(context, next) {
    const end = duration.startTimer()
    const http = context.switchToHttp()
    return next.handle().pipe(
      finalize(() => {
        end({
          method: http.getRequest().method,
          route: '/orders',
          status_code: http.getResponse().statusCode,
        })
      }),
    )
  }
}
decorateClass(DurationInterceptor, [Injectable()])

class OrdersService {
  place(order, placedBy) {
    return tracer.startActiveSpan('price order', (span) => {
      try {
        return priceOrder(order, placedBy)
      } finally {
        span.end()
      }
    })
  }
}
decorateClass(OrdersService, [Injectable()])

class MetricsController {
  metrics() {
    return register.metrics()
  }
}
decorateMethod(MetricsController, 'metrics', [Get(), Header('Content-Type', register.contentType)])
decorateClass(MetricsController, [Controller('metrics')])

function ordersController(shape) {
  class OrdersController {
    constructor(orders) {
      this.orders = orders
    }

    place(order, request) {
      return this.orders.place(order, request.user.sub)
    }
  }
  decorateMethod(
    OrdersController,
    'place',
    [Post(), HttpCode(200), shape.serialize],
    [shape.body, { type: Object, decorator: Req() }],
  )
  const around = [UseGuards(AuthGuard), UseInterceptors(DurationInterceptor, shape.serializer)]
  return decorateClass(OrdersController, [Controller('orders'), ...around], [OrdersService])
}

function loggerModule(destination) {
  const customProps = () => ({ trace_id: trace.getActiveSpan()?.spanContext().traceId })
  // Its default route pattern matches nothing on this version of the Fastify adapter.
  return LoggerModule.forRoot({ forRoutes: ['orders'], pinoHttp: [{ customProps }, destination] })
}

/** Serves until SIGTERM. `shape`: body (parameter), pipe, serialize (decorator), serializer. */
export async function serveNest(shape) {
  const destination = pino.destination({ dest: logPath, sync: false, minLength: 4096 })
  const verifyOptions = {
    algorithms: ['HS256'],
    issuer: tokenIssuer,
    audience: tokenAudience,
  }
  class AppModule {}
  decorateClass(AppModule, [
    Module({
      imports: [
        loggerModule(destination),
        JwtModule.register({ secret: tokenSecret, verifyOptions }),
      ],
      controllers: [ordersController(shape), MetricsController],
      providers: [OrdersService, AuthGuard, DurationInterceptor],
    }),
  ])
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { bufferLogs: true })
  app.useLogger(app.get(Logger))
  app.useGlobalPipes(shape.pipe)
  await app.listen(0, '127.0.0.1')
  announce(app.getHttpServer().address().port, async () => {
    await app.close()
    destination.flushSync()
    await stopTelemetry()
  })
}
