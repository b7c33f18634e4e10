// The order as data classes, for NestJS: class-validator checks the request, class-transformer
// shapes the reply (only exposed properties leave).
import { Expose, Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  IsUUID,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { decorateProperty } from './decorate.js'

const declare = (target, properties) => {
  for (const [name, [type, ...decorators]] of Object.entries(properties)) {
    decorateProperty(target, name, type, decorators)
  }
}
const text = (maxLength) => [String, IsString(), Length(1, maxLength)]

class AddressClass {}
declare(AddressClass, {
  street: text(100),
  city: text(60),
  zip: text(12),
  country: [String, IsString(), Length(2, 2)],
})

class OrderLineClass {}
declare(OrderLineClass, {
  sku: text(32),
  quantity: [Number, IsInt(), Min(1), Max(100)],
  unitMinor: [Number, IsInt(), Min(0), Max(1_000_000_000)],
})

export class OrderRequestClass {}
declare(OrderRequestClass, {
  orderId: [String, IsUUID()],
  customerId: [Number, IsInt(), Min(1)],
  email: [String, IsEmail()],
  currency: [String, IsIn(['EUR', 'USD', 'GBP'])],
  placedOn: [String, IsISO8601({ strict: true }), Length(10, 10)],
  express: [Boolean, IsBoolean()],
  discountPercent: [Number, IsInt(), Min(0), Max(100)],
  note: [String, IsString(), MaxLength(200)],
  tags: [
    Array,
    IsArray(),
    ArrayMaxSize(8),
    IsString({ each: true }),
    Length(1, 32, { each: true }),
  ],
  address: [AddressClass, ValidateNested(), Type(() => AddressClass)],
  lines: [
    Array,
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(50),
    ValidateNested({ each: true }),
    Type(() => OrderLineClass),
  ],
})

class ShipToClass {}
declare(ShipToClass, { city: [String, Expose()], country: [String, Expose()] })

class PricedLineClass {}
declare(PricedLineClass, {
  sku: [String, Expose()],
  quantity: [Number, Expose()],
  amountMinor: [Number, Expose()],
})

export class OrderReplyClass {}
declare(OrderReplyClass, {
  orderId: [String, Expose()],
  placedBy: [String, Expose()],
  status: [String, Expose()],
  email: [String, Expose()],
  currency: [String, Expose()],
  placedOn: [String, Expose()],
  fieldCount: [Number, Expose()],
  lineCount: [Number, Expose()],
  grossMinor: [Number, Expose()],
  discountMinor: [Number, Expose()],
  netMinor: [Number, Expose()],
  shipTo: [ShipToClass, Expose(), Type(() => ShipToClass)],
  lines: [Array, Expose(), Type(() => PricedLineClass)],
})
