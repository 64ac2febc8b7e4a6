import { describe, expect, it } from 'vitest'
import { compileRules, renderIssues } from '../../engine/index.ts'

const TYPES = ['invoice.paid', 'invoice.payment_failed', 'payment.failed']

const GOOD = `name: unpaid
description: Reminders.
on: [invoice.payment_failed]
if: data.amount_remaining > 0 and $customer.summary.is_complete
subject: data.subscription.id
timezone: Europe/Amsterdam
quiet: { from: '20:00', to: '08:00', days: [sunday] }
stop:
  - on: [invoice.paid]
  - if: data.status = "paid"
steps:
  - do: [{ slack: { to: desk, text: 'Invoice {{ data.number }}' } }]
  - after: 3d
    do:
      - email: { to: '{{ data.customer.email }}', subject: Hello, text: 'Step {{ $step.number }}' }
      - note: { text: Reminded }
      - webhook: {}
`

const compile = (text: string, path = 'rules/unpaid.yaml') => compileRules([{ path, text }], TYPES)

describe('a rule', () => {
  it('is compiled, frozen, with what it leaves out filled in', () => {
    const { rules, issues } = compile(GOOD)
    expect(renderIssues(issues)).toBe('')
    const rule = rules?.get('unpaid')
    expect(rule).toMatchObject({
      ...{ name: 'unpaid', isEnabled: true, environments: ['default'], refresh: false },
      quiet: { hours: { from: 1200, to: 480 }, days: [0] },
      stop: [{ on: ['invoice.paid'], condition: undefined }, { on: [] }],
    })
    expect(rule?.steps.map(({ after }) => after)).toEqual([
      { count: 0, unit: 'minute' },
      { count: 3, unit: 'day' },
    ])
    expect(rule?.steps[1]?.actions.map(({ kind }) => kind)).toEqual(['email', 'note', 'webhook'])
    expect(Object.isFrozen(rule?.steps[0]?.actions)).toBe(true)
    expect(rule?.condition?.variables).toEqual(['customer'])
  })

  it.each<[string, string, string, string]>([
    [
      'on: [invoice.payment_failed]',
      'on: [invoice.payment_faild]',
      '3:6 invalid_value',
      'Did you mean `invoice.payment_failed`?',
    ],
    ['on: [invoice.paid]', 'on: [subscription.*]', '9:10 invalid_value', 'Known are'],
    ['data.amount_remaining > 0', 'data.amount > $limit', '4:19 unknown_variable', '$customer'],
    ['$step.number', '$setp.number', '15:82 unknown_variable', 'Here you have $customer, $run, $step.'],
    ['Europe/Amsterdam', 'Europe/Amsterdan', '6:11 invalid_value', 'IANA'],
    [", to: '08:00'", '', '7:1 missing_key', 'Quiet hours have both'],
    ["'08:00'", "'20:00'", '7:1 invalid_value', 'Leave a time'],
    ['[sunday]', '[sonntag]', '7:45 invalid_value', 'Allowed are'],
    ['after: 3d', 'after: 3 days', '13:12 invalid_value', ''],
    ['- on: [invoice.paid]', '- {}', '9:5 missing_key', 'Give `on`, `if`, or both.'],
    ["to: '{{ data.customer.email }}'", 'to: desk', '15:22 invalid_value', 'name@example.com'],
    ['name: unpaid', 'name: paid', '1:7 name_mismatch', 'Name the rule `unpaid`'],
    ['{ text: Reminded }', '{ txt: Reminded }', '16:', 'text'],
    ['slack: {', 'note: { text: x }, slack: {', '12:12 conflicting_keys', 'Give exactly one'],
    ['if: data.status', 'if: $sum(data.status', '10:', ''],
    ['steps:\n', 'steps:\n  - { after: 4d, do: [{ note: { text: x } }] }\n', '13:5 invalid_value', 'order in time'],
  ])('%s in place of which stands %s', (from, to, where, hint) => {
    const { rules, issues } = compile(GOOD.replace(from, () => to))
    expect(rules).toBeUndefined()
    const told = renderIssues(issues)
    const [line = '', rest = ''] = where.split(' ')
    expect(told).toContain(`rules/unpaid.yaml:${line}`)
    expect(told).toContain(rest)
    expect(told).toContain(hint)
  })

  it('of a name that another one has is told where that is', () => {
    const { issues } = compileRules(
      [
        { path: 'rules/unpaid.yaml', text: GOOD, root: 'a' },
        { path: 'rules/unpaid.yaml', text: GOOD, root: 'b' },
      ],
      TYPES,
    )
    expect(issues.map(({ code, file }) => `${code} ${file}`)).toEqual(['duplicate_name b/rules/unpaid.yaml'])
    expect(issues[0]?.message).toContain('a/rules/unpaid.yaml')
  })
})
