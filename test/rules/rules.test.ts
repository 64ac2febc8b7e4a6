import { describe, expect, it } from 'vitest'
import { status } from '../outbound/receiver.ts'
import { FAILED, openDesk } from './desk.ts'

const DAY = 86_400_000
const ALERT = `on: [payment.failed]
steps: [{ do: [{ slack: { to: desk, text: 'Failed: {{ data.id }} of {{ data.customer.name }}' } }] }]
`
const DUNNING = `on: [payment.failed]
stop: [{ on: [payment.succeeded] }]
steps:
  - do: [{ slack: { to: desk, text: first } }]
  - { after: 3d, do: [{ slack: { to: desk, text: second } }, { note: { text: 'noted {{ $run.key }}' } }] }
  - { after: 7d, do: [{ slack: { to: desk, text: 'third {{ $step.number }}/{{ $step.of }}' } }] }
`
const ALL_OF = (resource: string) => ({ about: { ...FAILED.about, resource } }) as Partial<typeof FAILED>
const PAID = { type: 'payment.succeeded' }

describe('a rule', () => {
  it('says what it says once for each key, with values of others escaped', async () => {
    const desk = await openDesk({ alert: ALERT })
    const hostile = { id: 'pay_1', customer: { name: '<!channel> *<https://evil.example|x>*\n@here & co' } }
    await desk.happen({ data: hostile })
    await desk.happen({ data: hostile })
    await desk.idle()
    const bent = '\u2060*'
    expect(desk.said()).toEqual([
      `Failed: pay\u2060_1 of &lt;!channel&gt; ${bent}&lt;https://evil.example|x&gt;${bent} @here &amp; co`,
    ])
    expect(await desk.runs()).toMatchObject([{ subject: 'payments/pay_1', status: 'done', next_at: null }])
  })

  it('is not begun by what was over before it was looked at', async () => {
    const desk = await openDesk({ dunning: DUNNING })
    await desk.happen({}, PAID)
    await desk.idle()
    expect(await desk.runs()).toMatchObject([{ status: 'stopped' }])
    expect(desk.said()).toEqual([])
  })

  it('ends when its subject is paid, and not when another one is', async () => {
    const desk = await openDesk({ dunning: DUNNING })
    await desk.happen({})
    await desk.idle()
    await desk.happen({ ...PAID, about: { ...FAILED.about, recordId: 'pay_2' } as never })
    await desk.pass(3 * DAY)
    expect(desk.said()).toEqual(['first', 'second'])
    const [event] = await desk.happen(PAID)
    await desk.idle()
    await desk.pass(30 * DAY)
    expect(desk.said()).toEqual(['first', 'second'])
    expect(await desk.runs('status=stopped')).toMatchObject([{ reason: event?.id }])
    const { body } = await desk.stand.call('GET', '/rule-note?resource_id=pay_1')
    expect(body.result).toMatchObject([{ note: 'noted payments/pay_1', customer_id: 'cus0000', rule: 'dunning' }])
  })

  it('asks for the customer only where an expression does, once', async () => {
    const rich = "on: [payment.failed]\nif: data.amount > 1 and $customer.name = 'Customer 0'\nkey: data.id\n"
    const desk = await openDesk({
      rich: `${rich}steps: [{ do: [{ slack: { to: desk, text: '{{ $customer.email }}' } }] }]\n`,
    })
    desk.stand.upstream.addCustomers(2)
    const before = desk.stand.upstream.reached.length
    await desk.happen({ data: { id: 'a', amount: 1, customer: { id: 'cus0001' } } })
    await desk.happen({ data: { ...FAILED.data, id: 'b' } }, { data: { ...FAILED.data, id: 'c' } })
    await desk.idle()
    expect((await desk.runs()).map(({ key }) => key).sort()).toEqual(['b', 'c'])
    expect(desk.stand.upstream.reached.length - before).toBe(2)
  })

  it('that fails on an event shows it, and tells it', async () => {
    const desk = await openDesk({ broken: ALERT.replace('steps', 'if: $number(data.id) > 1\nsteps') })
    const [event] = await desk.happen({})
    await desk.idle()
    const [run] = await desk.runs('status=failed')
    expect(run).toMatchObject({ event_id: event?.id, reason: expect.stringMatching(/^expression_failed: /) })
    expect(desk.said()).toEqual([])
  })

  it('that cannot tell whether it is to end sends nothing more, and says so', async () => {
    const desk = await openDesk({
      dunning: DUNNING.replace('[payment.succeeded] }', '[payment.succeeded], if: $number(data.id) = 1 }'),
    })
    await desk.happen({})
    await desk.idle()
    await desk.happen(PAID)
    await desk.pass(10 * DAY)
    expect(desk.said()).toEqual(['first'])
    expect(await desk.runs()).toMatchObject([
      { status: 'failed', reason: expect.stringMatching(/^expression_failed: /) },
    ])
    const { result } = (await desk.stand.call('GET', '/event?type=rule_run.failed')).body
    expect(result).toMatchObject([{ data: { object: 'rule_run', subject: 'payments/pay_1' } }])
  })

  it('counts as it is: a mended text at the next step, and an end when it is gone', async () => {
    const desk = await openDesk({ dunning: DUNNING })
    await desk.happen({})
    await desk.idle()
    await desk.rule('dunning', DUNNING.replace('text: second', 'text: mended'))
    await desk.pass(3 * DAY)
    expect(desk.said()).toEqual(['first', 'mended'])
    desk.write('dunning', 'on: nonsense\n')
    const told = () => desk.stand.log.told.some(({ message }) => message.startsWith('the rules have errors'))
    await expect.poll(told, { timeout: 10_000 }).toBe(true)
    expect((await desk.stand.call('GET', '/rule/dunning')).status).toBe(200)
    await desk.rule('dunning', null)
    await desk.pass(4 * DAY)
    expect(await desk.runs()).toMatchObject([{ status: 'stopped', reason: 'rule_gone' }])
  })

  it('tries again what was refused, and not what may have gone out', async () => {
    const desk = await openDesk({ alert: ALERT, twice: ALERT.replace('Failed', 'Twice') })
    desk.chat.answer = status(503)
    await desk.happen({})
    await desk.idle()
    expect(desk.said()).toHaveLength(2)
    desk.chat.answer = (_received, response) => void response.destroy()
    await desk.pass(7_000)
    expect(desk.said()).toHaveLength(4)
    await desk.pass(10 * DAY)
    expect(desk.said()).toHaveLength(4)
    const held = await desk.runs('status=held')
    expect(held).toHaveLength(2)
    const { result: told } = (await desk.stand.call('GET', '/event?type=rule_run.*')).body
    expect(told.map(({ type }: { type: string }) => type)).toEqual(['rule_run.held', 'rule_run.held'])
    desk.chat.answer = status(200)
    const [resent, skipped] = held
    await desk.stand.call('POST', `/rule-run/${resent.id}/resend`)
    const { body } = await desk.stand.call('POST', `/rule-run/${skipped.id}/skip`)
    await desk.idle()
    expect(body).toMatchObject({ status: 'done', messages: [{ status: 'skipped', error: expect.any(String) }] })
    expect(await desk.run(resent.id)).toMatchObject({ status: 'done', messages: [{ status: 'sent', attempts: 3 }] })
    expect(desk.said()).toHaveLength(5)
  })
})

describe('a run', () => {
  it('that reads its record again waits for the provider, and sees what it is now', async () => {
    const about = { model: 'payment-gateway', resource: 'customers', recordId: 'cus0000', occurredAt: null }
    const rule = "on: ['record:updated']\nrefresh: true\nstop: [{ if: data.name = 'Paid' }]\n"
    const steps = "steps: [{ after: 1h, do: [{ slack: { to: desk, text: '{{ data.name }}' } }] }]\n"
    const desk = await openDesk({ fresh: rule + steps })
    const { upstream } = desk.stand
    upstream.addCustomers(2)
    const event = { type: 'record:updated', data: { id: 'cus0000', name: 'Before' } }
    await desk.happen({ ...event, about }, { ...event, about: { ...about, recordId: 'cus0001' } })
    await desk.idle()
    Object.assign(upstream.customers[0] as object, { name: 'Now' })
    Object.assign(upstream.customers[1] as object, { name: 'Paid' })
    upstream.next = (_request, response) => void response.writeHead(500).end()
    await desk.pass(3_600_000)
    for (let tries = 0; tries < 5 && (await desk.runs('status=active')).length > 0; tries++) await desk.pass(60_000)
    expect(desk.said()).toEqual(['Now'])
    const ended = (await desk.runs()).map(({ subject, status: state, reason }) => `${subject} ${state} ${reason}`)
    expect(ended.sort()).toEqual(['customers/cus0000 done null', 'customers/cus0001 stopped condition'])
  })

  it('of a customer who is erased goes, with its notes', async () => {
    const desk = await openDesk({ noted: 'on: [payment.failed]\nsteps: [{ do: [{ note: { text: x } }] }]\n' })
    await desk.happen(
      {},
      { about: { ...FAILED.about, recordId: 'pay_2' } as never, data: { customer: { id: 'other' } } },
    )
    await desk.idle()
    const { body } = await desk.stand.call('POST', '/erase', { body: { customer: { id: 'cus0000' } } })
    const state = async () => (await desk.stand.call('GET', `/erase/${body.id}`)).body.status
    await expect.poll(state, { timeout: 10_000 }).toBe('done')
    expect(await desk.runs()).toMatchObject([{ customer_id: 'other' }])
    expect((await desk.stand.call('GET', '/rule-note')).body.result).toMatchObject([{ customer_id: 'other' }])
  })

  it('is stopped, skipped and shown, and no more once it is over', async () => {
    const desk = await openDesk({ dunning: DUNNING })
    await desk.happen({})
    await desk.idle()
    const [{ id }] = (await desk.runs()) as [{ id: string }]
    const skipped = (await desk.stand.call('POST', `/rule-run/${id}/skip`)).body
    expect(skipped).toMatchObject({ status: 'active', next_step: 3, next_at: '2026-01-08T00:00:00.000Z' })
    expect((await desk.stand.call('POST', `/rule-run/${id}/resend`)).status).toBe(409)
    expect((await desk.stand.call('POST', `/rule-run/${id}/stop`)).body).toMatchObject({
      status: 'stopped',
      reason: 'by_hand',
    })
    expect((await desk.stand.call('POST', `/rule-run/${id}/stop`)).status).toBe(409)
    await desk.pass(30 * DAY)
    expect(desk.said()).toEqual(['first'])
    const { result: acts } = (await desk.stand.call('GET', '/audit-log?limit=50')).body
    const own = acts.filter(({ target }: { target: string }) => target === `rule_run:${id}`)
    expect(own.map(({ action }: { action: string }) => action).sort()).toEqual(['rule_run.skip', 'rule_run.stop'])
  })

  it('belongs to its environment', async () => {
    const desk = await openDesk({ dunning: DUNNING })
    await desk.happen({})
    await desk.idle()
    const [{ id }] = (await desk.runs()) as [{ id: string }]
    await desk.stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
    const theirs = (
      await desk.stand.call('POST', '/api-token', {
        body: { role: 'admin' },
        headers: { 'x-onefold-environment': 'theirs' },
      })
    ).body.token
    for (const [verb, path] of [
      ['GET', `/rule-run/${id}`],
      ['POST', `/rule-run/${id}/stop`],
      ['GET', '/rule/dunning'],
    ] as const) {
      expect((await desk.stand.call(verb, path, { token: theirs })).status).toBe(404)
    }
    expect((await desk.stand.call('GET', '/rule-run', { token: theirs })).body.result).toEqual([])
    expect(await desk.run(id)).toMatchObject({ status: 'active' })
  })

  it('goes with its account, and is emptied and forgotten past its retention', async () => {
    const desk = await openDesk({ dunning: DUNNING, alert: ALERT })
    await desk.happen({})
    await desk.idle()
    const [done] = await desk.runs('status=done')
    const { stores } = desk.stand.server.services
    await stores.sweep(desk.stand.clock.now() + 31 * DAY)
    expect(await desk.run(done.id)).toMatchObject({ event: {}, messages: [{ status: 'sent', text: null }] })
    await stores.sweep(desk.stand.clock.now() + 366 * DAY)
    expect(await desk.runs()).toMatchObject([{ rule: 'dunning', status: 'active' }])
    await desk.stand.call('DELETE', '/integrated-account/acme-1')
    expect(await desk.runs()).toEqual([])
  })
})

describe('a preview', () => {
  it('tells what was sent, and what will be, and sends nothing', async () => {
    const desk = await openDesk({ dunning: DUNNING })
    await desk.happen({})
    await desk.idle()
    await desk.pass(4 * DAY)
    await desk.happen({ ...ALL_OF('refunds'), data: { id: 're_1' } })
    await desk.idle()
    const before = desk.said().length
    const { body } = await desk.stand.call('POST', '/rule/preview', { body: { rule: 'dunning' } })
    expect(body).toMatchObject({ rule: 'dunning', matched: 2, is_partial: false })
    const texts = body.runs.map(({ subject, status: state, messages }: never) => [
      subject,
      state,
      (messages as { at: string; text: string }[]).map(({ at, text }) => `${at.slice(0, 10)} ${text}`),
    ])
    expect(texts).toEqual([
      [
        'refunds/pay_1',
        'active',
        ['2026-01-05 first', '2026-01-08 second', '2026-01-08 noted refunds/pay_1', '2026-01-12 third 3/3'],
      ],
      [
        'payments/pay_1',
        'active',
        ['2026-01-01 first', '2026-01-04 second', '2026-01-04 noted payments/pay_1', '2026-01-08 third 3/3'],
      ],
    ])
    expect(desk.said()).toHaveLength(before)
  })

  it('takes a text, says what is wrong with it, and bounds what its expressions do', async () => {
    const desk = await openDesk({})
    await desk.happen({})
    const preview = (text: string) => desk.stand.call('POST', '/rule/preview', { body: { text } })
    const head = 'name: tried\ndescription: Tried.\n'
    const good = (await preview(head + ALERT)).body
    expect(good.runs).toMatchObject([
      { status: 'done', messages: [{ kind: 'slack', to: 'desk', text: expect.stringContaining('Ada') }] },
    ])
    const bad = await preview(head + ALERT.replace('payment.failed', 'payment.flailed'))
    expect(bad).toMatchObject({ status: 422, body: { code: 'invalid_body', issues: [{ line: 3, column: 6 }] } })
    const endless = await preview(`${head}if: ($f := function($n){ $f($n + 1) }; $f(1))\n${ALERT}`)
    expect(endless.body.runs).toMatchObject([
      { status: 'failed', reason: expect.stringMatching(/^expression_limit: /) },
    ])
    expect(await desk.runs()).toEqual([])
  })
})
