import { describe, expect, it } from 'vitest'
import { findLink, parseLinks } from '../../engine/pagination/index.ts'

describe('Link headers (RFC 8288)', () => {
  it.each([
    ['one link', '<https://a.test/?page=2>; rel="next"', 'https://a.test/?page=2'],
    ['an unquoted relation', '<https://a.test/2>; rel=next', 'https://a.test/2'],
    ['several links', '<https://a.test/1>; rel="prev", <https://a.test/3>; rel="next"', 'https://a.test/3'],
    ['a list of relations', '<https://a.test/9>; rel="last next"', 'https://a.test/9'],
    ['relations in capitals', '<https://a.test/2>; REL="NEXT"', 'https://a.test/2'],
    ['commas and semicolons in the URL', '<https://a.test/?a=1,2;b=3>; rel="next"', 'https://a.test/?a=1,2;b=3'],
    ['commas in a quoted parameter', '<https://a.test/1>; title="a, <b>; rel=next"; rel=prev, </2>; rel=next', '/2'],
    ['escaped quotes', '</1>; title="say \\"next\\", or"; rel="prev", </2>; rel="next"', '/2'],
    ['odd blanks', ' < /2 > ;  rel = "next" ', '/2'],
    ['empty members', ',, </2>; rel="next",', '/2'],
    ['flags without a value', '</2>; crossorigin; rel="next"', '/2'],
    ['the first of repeated relations', '</2>; rel="next"; rel="prev"', '/2'],
  ])('reads %s', (_name, header, expected) => {
    expect(findLink(header, 'next')).toBe(expected)
  })

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another relation', '</2>; rel="prev"'],
    ['a relation that only starts so', '</2>; rel="nextish"'],
    ['a second rel that does not count', '</2>; rel="prev"; rel="next"'],
    ['a link about another page', '</2>; rel="next"; anchor="/other"'],
    ['a target without its end', '</2; rel="next"'],
    ['plain text', 'next'],
  ])('finds nothing in %s', (_name, header) => {
    expect(findLink(header, 'next')).toBeUndefined()
  })

  it('keeps every parameter', () => {
    expect(parseLinks('</2>; rel="a b"; title="x"; hreflang=de')).toEqual([
      { target: '/2', rel: ['a', 'b'], parameters: { rel: 'a b', title: 'x', hreflang: 'de' } },
    ])
  })
})
