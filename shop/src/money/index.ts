/**
 * Money: bigint minor units with a currency, as a schema and as arithmetic. Neutral ground that every
 * module may import. Sums refuse mixed currencies; nothing here rounds, so nothing here divides.
 */
export {
  addMoney,
  canSum,
  type Currency,
  currencies,
  currencySchema,
  equalMoney,
  formatMoney,
  MixedCurrencies,
  type Money,
  money,
  moneySchema,
  multiplyMoney,
  negateMoney,
  sumMoney,
} from './money.ts'
