/** A statement that selects what must not be: every row is a violation, its columns say which. */
export interface Invariant {
  readonly name: string
  /** What holds, for people. */
  readonly meaning: string
  /** False where it only holds once nothing is under way. */
  readonly holdsAlways: boolean
  readonly sql: string
}

const paidStates = `('paid', 'packed', 'shipped', 'delivered', 'cancelling', 'refunding', 'cancelled', 'refunded')`
const takenStates = `('captured', 'refunding', 'refunded')`

/** What must hold in the rows of the shop, across its modules. Run as the owner of the database: no
 *  module can see all of it. */
export const invariants: readonly Invariant[] = [
  {
    name: 'entry-balanced',
    meaning: 'the postings of every entry sum to zero in each currency',
    holdsAlways: true,
    sql: `select entry_id, currency, sum(amount_minor) as sum from ledger.posting
      group by entry_id, currency having sum(amount_minor) <> 0`,
  },
  {
    name: 'stock-conserved',
    meaning: 'every unit received is available, held or sold',
    holdsAlways: true,
    sql: `select sku, received, available, held, sold from inventory.stock
      where available < 0 or held < 0 or sold < 0 or available + held + sold <> received`,
  },
  {
    name: 'stock-from-movements',
    meaning: 'the levels of a product are the sum of its movements',
    holdsAlways: true,
    sql: `select s.sku, s.received, s.held, s.sold from inventory.stock s left join (
        select sku,
          sum(count) filter (where kind = 'received') as received,
          coalesce(sum(count) filter (where kind = 'held'), 0)
            - coalesce(sum(count) filter (where kind in ('confirmed', 'released', 'expired')), 0) as held,
          coalesce(sum(count) filter (where kind = 'confirmed'), 0)
            - coalesce(sum(count) filter (where kind = 'returned'), 0) as sold
        from inventory.movement group by sku
      ) m using (sku)
      where s.received is distinct from m.received or s.held is distinct from m.held
        or s.sold is distinct from m.sold`,
  },
  {
    name: 'stock-from-reservations',
    meaning: 'what is held and sold is what reservations hold and have bought',
    holdsAlways: true,
    sql: `select s.sku, s.held, s.sold from inventory.stock s left join (
        select l.sku,
          coalesce(sum(l.count) filter (where r.state = 'held'), 0) as held,
          coalesce(sum(l.count) filter (where r.state = 'confirmed'), 0) as sold
        from inventory.reservation_line l join inventory.reservation r on r.id = l.reservation_id
        group by l.sku
      ) r using (sku)
      where s.held <> coalesce(r.held, 0) or s.sold <> coalesce(r.sold, 0)`,
  },
  {
    name: 'hold-ends',
    meaning: 'a hold ends within 30 s of its time',
    holdsAlways: true,
    sql: `select id, expires_at from inventory.reservation
      where state = 'held' and expires_at < now() - interval '30 s'`,
  },
  {
    name: 'order-paid-once',
    meaning: 'an order that has been paid has exactly one payment that took its total',
    holdsAlways: true,
    sql: `select o.id, o.state, p.state as payment from orders.orders o
      left join payments.payment p on p.reference = o.id::text and p.state in ${takenStates}
      where o.state in ${paidStates}
        and exists (select from orders.order_history h where h.order_id = o.id and h.state = 'paid')
        and (p.id is distinct from o.payment_id or p.amount_minor <> o.total_minor
          or p.currency <> o.currency)`,
  },
  {
    name: 'order-sums-up',
    meaning: 'the total of an order is the sum of its lines',
    holdsAlways: true,
    sql: `select o.id, o.total_minor, sum(l.count * l.unit_minor) as lines from orders.orders o
      join orders.order_line l on l.order_id = o.id
      group by o.id, o.total_minor having o.total_minor <> sum(l.count * l.unit_minor)`,
  },
  {
    name: 'cart-bought-once',
    meaning: 'a cart becomes at most one order',
    holdsAlways: true,
    sql: `select cart_id, count(*) as checkouts from checkout.checkout where state <> 'refused'
      group by cart_id having count(*) > 1`,
  },
  {
    name: 'checkout-complete',
    meaning:
      'a completed checkout has a paid order, a confirmed or returned reservation and a sale',
    holdsAlways: true,
    sql: `select c.id, o.state as order_state, r.state as reservation, e.id as entry
      from checkout.checkout c
      left join orders.orders o on o.id = c.order_id and o.state in ${paidStates}
      left join inventory.reservation r
        on r.id = c.reservation_id and r.state in ('confirmed', 'returned')
      left join ledger.entry e on e.source = 'sale' and e.reference = c.order_id::text
      where c.state = 'completed' and (o.id is null or r.id is null or e.id is null)`,
  },
  {
    name: 'refusal-leaves-nothing',
    meaning: 'a refused checkout keeps no stock, no money, no live order and no entry',
    holdsAlways: true,
    sql: `select c.id, o.state as order_state, r.state as reservation, p.state as payment
      from checkout.checkout c
      left join orders.orders o on o.id = c.order_id and o.state <> 'cancelled'
      left join inventory.reservation r
        on r.id = c.reservation_id and r.state in ('held', 'confirmed')
      left join payments.payment p
        on p.id = c.payment_id and p.state not in ('declined', 'voided')
      left join ledger.entry e on e.reference = c.order_id::text
      where c.state = 'refused'
        and (o.id is not null or r.id is not null or p.id is not null or e.id is not null)`,
  },
  {
    name: 'sale-booked',
    meaning: 'every sale is booked with the total of its order, and so is every order given back',
    holdsAlways: false,
    sql: `select o.id, o.state, o.total_minor, e.source, p.amount_minor from orders.orders o
      cross join (values ('sale', 1), ('refund', -1)) as s (source, sign)
      left join ledger.entry e on e.source = s.source and e.reference = o.id::text
      left join ledger.posting p on p.entry_id = e.id and p.account = 'psp-clearing'
      where exists (select from orders.order_history h where h.order_id = o.id and h.state = 'paid')
        and (s.source = 'sale' or o.state in ('cancelled', 'refunded'))
        and p.amount_minor is distinct from s.sign * o.total_minor`,
  },
  {
    name: 'nothing-under-way',
    meaning: 'no checkout, order or payment is under way and nothing is held',
    holdsAlways: false,
    sql: `select 'checkout' as what, id, state from checkout.checkout
        where state not in ('completed', 'refused')
      union all select 'order', id, state from orders.orders
        where state in ('placed', 'cancelling', 'refunding')
      union all select 'payment', id, state from payments.payment
        where state not in ('captured', 'refunded', 'declined', 'voided')
      union all select 'reservation', id, state from inventory.reservation where state = 'held'`,
  },
]
