import { describe, expect, it } from 'vitest'
import { compiled } from './support.ts'

describe('paths', () => {
  it.each<[string, string[]]>([
    ['latest_charge.amount_refunded + status', ['latest_charge.amount_refunded', 'status']],
    ['items.price.amount', ['items.price.amount']],
    ['items[0].id', ['items.id']],
    ['items[status = "x"].amount', ['items.amount', 'items.status']],
    ['items.{ "a": id, "b": $.z }', ['items.id', 'items.z']],
    ['a ? b : c.d', ['a', 'b', 'c.d']],
    ['(a ? b : c).d', ['a', 'b.d', 'c.d']],
    ['[a, b].id', ['a.id', 'b.id']],
    ['$map(items, function($i) { $i.amount })', ['items.amount']],
    ['$filter(refunds, function($r) { $r.status = "x" }).amount', ['refunds.amount', 'refunds.status']],
    ['$reduce(items, function($a, $b) { $a.n + $b.n })', ['items.n']],
    ['$map(items, $idOf)', ['items']],
    ['$firstNonEmpty(a, b.c).id', ['a.id', 'b.c.id']],
    ['$sort(items, function($l, $r) { $l.at > $r.at })[0].id', ['items.at', 'items.id']],
    ['items^(>at).id', ['items.at', 'items.id']],
    ['items{ id: amount }', ['items.amount', 'items.id']],
    ['$lookup(card, "brand")', ['card.brand']],
    ['$lookup(card, kind)', ['card', 'kind']],
    ['( $c := customer; $c.id & $c.name )', ['customer.id', 'customer.name']],
    ['items@$i.{ "n": $i.name, "o": owner.id }', ['items.name', 'owner.id']],
    ['items ~> $count', ['items']],
    ['items.price ~> $map(function($p) { $p.amount })', ['items.price.amount']],
    ['address.$keys()', ['address']],
    ['name.$uppercase()', ['name']],
    ['`odd.name`.x', ['`odd.name`.x']],
    ['address.*', ['address']],
    ['$', ['*']],
    ['*', ['*']],
    ['**.id', ['*']],
    ['a & $string($)', ['*']],
    ['$keys()', ['*']],
    ['$$.a.b', ['a.b']],
    ['$.a', ['a']],
    ['"text"', []],
    ['{ "a": id, "b": { "c": x.y } }', ['id', 'x.y']],
    ['a ?: b', ['a', 'b']],
    ['a ?? b', ['a', 'b']],
  ])('%s reads %j', (source, paths) => expect(compiled(source).paths).toEqual(paths))

  it.each<[string, string[], string[]]>([
    ['$lookup.charge.amount', ['lookup'], ['lookup.charge.amount']],
    ['$response.data[-1].id & $query.limit', ['query', 'response'], ['query.limit', 'response.data.id']],
    ['$value', ['value'], ['value']],
    ['$count($lookup.lines) + $value', ['lookup', 'value'], ['lookup.lines', 'value']],
    ['( $query := a; $query.b )', [], []],
    ['a', [], []],
  ])('%s uses variables %j, below them %j', (source, variables, variablePaths) => {
    const expression = compiled(source, 'lookup', 'response', 'query', 'value')
    expect(expression.variables).toEqual(variables)
    expect(expression.variablePaths).toEqual(variablePaths)
  })
})
