import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type Mailer, mailOutcomeUnknown, mailRefused, mailUnavailable } from 'banyan/mail'
import { publishPaidAgain } from '../../testing/message-rows.ts'
import { connectAsOwner } from '../../testing/owner-query.ts'
import { openTestShop, shippingAddress, type TestShop } from '../../testing/test-shop.ts'
import { checkout } from '../checkout/contract.ts'
import { orders } from '../orders/contract.ts'
import { notifications, notificationsFaultPoints } from './contract.ts'

const email = 'zoe@example.org'

/** Buys one unit of a new product; its order is then paid. */
async function buy(
  shop: TestShop,
  {
    sku = 'BOOT',
    address = { ...shippingAddress, email },
  }: { sku?: string; address?: object } = {},
): Promise<string> {
  await shop.stock(sku, 3)
  const customer = shop.customer()
  const cartId = await shop.cartWith(customer, sku)
  const input = {
    ...{ cartId, payment: { instrument: 'tok_visa' } },
    shippingAddress: address as typeof shippingAddress,
  }
  const { orderId } = await customer.of(checkout).submit(input, { idempotencyKey: cartId })
  return orderId
}

const mailsOf = async (shop: TestShop, orderId: string) =>
  (await shop.clerk.of(notifications).mails({ orderId })).mails

/** The messages of the queue, as the database has them. */
async function messagesOf(shop: TestShop) {
  await using owner = await connectAsOwner(shop.app.server)
  return owner.query('select state, problem from notifications.banyan_message')
}

test('an order that was paid is confirmed by one mail with its invoice', async () => {
  await using shop = await openTestShop({ messages: true, runner: ['inline', 'split'] })
  const orderId = await buy(shop)
  await shop.app.messagesSettled()
  const [mail, ...others] = await shop.app.mails()
  assert.ok(mail !== undefined)
  assert.deepEqual(others, [])
  assert.equal(mail.messageId, `order-confirmation.${orderId}@shop.example`)
  assert.deepEqual(mail.to, [{ address: email, name: shippingAddress.name }])
  assert.match(mail.text, /1 × Product BOOT \(BOOT\): 19\.95 EUR\n {2}Total: 19\.95 EUR/)
  const [file] = mail.attachments
  assert.equal(file?.fileName, `invoice-${orderId}.pdf`)
  assert.equal((await readFile(file?.path ?? '')).subarray(0, 5).toString(), '%PDF-')
  assert.deepEqual(
    (await mailsOf(shop, orderId)).map(({ kind, state, messageId }) => [kind, state, messageId]),
    [['order-confirmation', 'sent', mail.messageId]],
  )
  await shop.assertSound()
})

test('a worker that fails before or after it hands a mail over leaves one effect of equal attempts', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  for (const [index, point] of notificationsFaultPoints.entries()) {
    shop.app.world.faults.arm(point, 'fail')
    const orderId = await buy(shop, { sku: `BOOT-${index}` })
    await settled(shop, orderId)
    const mails = (await shop.app.mails()).filter(({ messageId }) => messageId.includes(orderId))
    assert.deepEqual(
      mails.map(({ repetitions, differing }) => [repetitions, differing]),
      [[point.endsWith('after') ? 1 : 0, 0]],
      point,
    )
    assert.equal((await mailsOf(shop, orderId)).length, 1)
  }
})

test('an event that comes again as another message sends nothing, because the mail is recorded', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  const orderId = await buy(shop)
  await shop.app.messagesSettled()
  const repetitions = async () => (await shop.app.mails()).map((mail) => mail.repetitions)
  await publishPaidAgain(shop, orderId)
  assert.deepEqual(await repetitions(), [0])
  assert.equal((await mailsOf(shop, orderId)).length, 1)
  // the negative control: without the record the mail goes out again
  await using owner = await connectAsOwner(shop.app.server)
  await owner.query('delete from notifications.mail')
  await publishPaidAgain(shop, orderId)
  assert.deepEqual(await repetitions(), [1])
})

test('a customer without an address gets no mail, and it is recorded so', async () => {
  await using shop = await openTestShop({ messages: true })
  const orderId = await buy(shop, { address: shippingAddress })
  await shop.app.messagesSettled()
  assert.deepEqual(await shop.app.mails(), [])
  assert.deepEqual(
    (await mailsOf(shop, orderId)).map(({ state }) => state),
    ['unaddressed'],
  )
})

test('a mail server that is away, slow or unsure delays the mail and neither loses nor doubles it', async () => {
  const sent: string[] = []
  const failures = [
    mailUnavailable({ cause: 'no route' }),
    mailOutcomeUnknown({ messageId: 'x', cause: 'cut' }),
  ]
  const mailer = mailerThat(async ({ messageId }) => {
    sent.push(messageId)
    const failure = failures.shift()
    if (failure !== undefined) throw failure
  })
  await using shop = await openTestShop({ messages: true, runner: 'inline', mailer })
  const orderId = await buy(shop)
  assert.equal((await shop.clerk.of(orders).get({ orderId })).state, 'paid')
  await settled(shop, orderId)
  assert.deepEqual(
    sent,
    Array.from({ length: 3 }, () => sent[0]),
  )
})

test('an address that the mail server refuses for good is parked at once, with the answer', async () => {
  let sends = 0
  const mailer = mailerThat(async ({ messageId }) => {
    sends++
    throw mailRefused({ messageId, answer: '550 no such user' })
  })
  await using shop = await openTestShop({ messages: true, runner: 'inline', mailer })
  const orderId = await buy(shop)
  await shop.app.messagesSettled()
  assert.equal(sends, 1)
  assert.deepEqual(await mailsOf(shop, orderId), [])
  const [message] = await messagesOf(shop)
  assert.equal(message?.['state'], 5)
  assert.match(JSON.stringify(message), /MAIL_REFUSED.*550 no such user/)
})

/** Until the mail of the order is recorded: messages that wait for another attempt count as settled. */
function settled(shop: TestShop, orderId: string): Promise<void> {
  return until(async () => (await mailsOf(shop, orderId)).length > 0)
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000
  while (!(await isTrue())) {
    assert.ok(performance.now() < endMs, 'it took too long')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function mailerThat(send: (mail: { messageId: string }) => Promise<void>): Mailer {
  return {
    async send(mail) {
      await send(mail)
      return { accepted: mail.to.map(({ address }) => address), refused: [] }
    },
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
