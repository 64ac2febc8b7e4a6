import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compiled } from './support.ts'

const value = (source: string, record: unknown = {}) => compiled(source).evaluate(record)

describe('reckoning with times', () => {
  it.each([
    ['$addTime("2023-01-31", 1, "month")', '2023-02-28'],
    ['$addTime("2024-02-29", 1, "year")', '2025-02-28'],
    ['$addTime("2024-02-29", -4, "year")', '2020-02-29'],
    ['$addTime("2024-11-30", 1, "quarter")', '2025-02-28'],
    ['$addTime("2024-12-31T23:59:59.250Z", 1, "second")', '2025-01-01T00:00:00.250Z'],
    ['$addTime("1970-01-01", -1, "week")', '1969-12-25'],
    ['$addTime("0001-01-01", -1, "day")', '0000-12-31'],
    // the clock goes forward at 01:00 UTC on 31 March and back at 01:00 UTC on 27 October 2024
    ['$addTime("2024-03-30T01:30:00Z", 1, "day", "Europe/Berlin")', '2024-03-31T01:30:00Z'],
    ['$addTime("2024-03-30T12:00:00Z", 24, "hour", "Europe/Berlin")', '2024-03-31T12:00:00Z'],
    ['$addTime("2024-10-26T00:30:00Z", 1, "day", "Europe/Berlin")', '2024-10-27T00:30:00Z'],
    ['$addTime("2024-10-26T10:00:00Z", 1, "day", "Europe/Berlin")', '2024-10-27T11:00:00Z'],
    ['$timeBetween("2024-03-01", "2024-03-10", "week")', 1],
    ['$timeBetween("2024-03-10", "2024-03-01", "week")', -1],
    ['$timeBetween("2024-01-01T00:00:00.5Z", "2024-01-01T00:00:01.25Z", "second")', 0],
    ['$timeBetween("2023-12-31", "2024-12-30", "year")', 0],
    ['$timeBetween("2024-05-31", "2024-05-31", "month")', 0],
    ['$timeBetween("2024-03-30T12:00:00Z", "2024-03-31T10:59:59Z", "day", "Europe/Berlin")', 0],
    ['$timeBetween("2024-03-30T11:00:00Z", "2024-03-31T10:00:00Z", "day", "Europe/Berlin")', 1],
    ['$timeBetween("0001-01-01", "9999-12-31", "day")', 3652058],
    ['$startOf("2024-02-15T10:30:15.7Z", "second")', '2024-02-15T10:30:15Z'],
    ['$startOf("2024-02-15T10:30:15Z", "hour")', '2024-02-15T10:00:00Z'],
    ['$startOf("2024-02-18", "week")', '2024-02-12'],
    ['$startOf("1969-12-31", "week")', '1969-12-29'],
    ['$startOf("2024-08-15", "quarter")', '2024-07-01'],
    ['$startOf("2024-08-15", "year")', '2024-01-01'],
    ['$startOf("2024-03-31T12:00:00Z", "day", "Europe/Berlin")', '2024-03-30T23:00:00Z'],
    ['$endOf("2024-03-31T12:00:00Z", "day", "Europe/Berlin")', '2024-03-31T22:00:00Z'],
    ['$endOf("2024-12-05", "month")', '2025-01-01'],
    ['$endOf("2024-02-10", "quarter")', '2024-04-01'],
  ])('%s is %j', (source, expected) => expect(value(source)).toBe(expected))
})

describe('other forms of times', () => {
  it.each([
    ['$formatTime("2024-01-05T00:07:09.1234Z", "ddd D/M/YY h:mm:ss.SSS A")', 'Fri 5/1/24 12:07:09.123 AM'],
    ['$formatTime("2024-01-05T13:07:09Z", "hh [o\'clock] A, H")', "01 o'clock PM, 13"],
    ['$formatTime("2024-01-05T13:07:09-03:30", "YYYYMMDDTHHmmssZZ")', '20240105T163709+0000'],
    ['$formatTime("2024-01-05T13:07:09Z", "HH:mm Z", "America/St_Johns")', '09:37 -03:30'],
    ['$formatTime("2024-01-05T22:00:00Z", "ddd, DD MMM YYYY HH:mm:ss [GMT]")', 'Fri, 05 Jan 2024 22:00:00 GMT'],
    ['$formatTime("2024-01-05", "DD.MM.YYYY", "Asia/Tokyo")', '05.01.2024'],
    ['$parseTime("05 Feb 2024", "DD MMM YYYY")', '2024-02-05'],
    ['$parseTime("5/2/24", "D/M/YY")', '2024-02-05'],
    ['$parseTime("Fri, 05 Jan 2024 22:00:00 GMT", "ddd, DD MMM YYYY HH:mm:ss [GMT]", "UTC")', '2024-01-05T22:00:00Z'],
    ['$parseTime("20240105163709", "YYYYMMDDHHmmss", "UTC")', '2024-01-05T16:37:09Z'],
    ['$parseTime("12:05 AM 2024-01-05", "hh:mm A YYYY-MM-DD", "UTC")', '2024-01-05T00:05:00Z'],
    ['$parseTime("2024-01-05T10:00:00.123456Z", "YYYY-MM-DDTHH:mm:ss.SSSZ")', '2024-01-05T10:00:00.123456Z'],
    ['$parseTime(" 2024-01-05 10:00 +05:30 ", "YYYY-MM-DD HH:mm Z")', '2024-01-05T04:30:00Z'],
    // an hour that is left out is counted on from before the change; one that comes twice is the first
    ['$parseTime("2024-03-31 02:30", "YYYY-MM-DD HH:mm", "Europe/Berlin")', '2024-03-31T01:30:00Z'],
    ['$parseTime("2024-10-27 02:30", "YYYY-MM-DD HH:mm", "Europe/Berlin")', '2024-10-27T00:30:00Z'],
    ['$date("2024-01-01T02:00:00Z", "America/New_York")', '2023-12-31'],
    ['$date(1704067200, "America/New_York")', '2023-12-31'],
    ['$date("2024-01-01", "America/New_York")', '2024-01-01'],
  ])('%s is %j', (source, expected) => expect(value(source)).toBe(expected))
})

const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe')
const seconds = fc.integer({ min: Date.UTC(1975, 0, 1) / 1000, max: Date.UTC(2035, 0, 1) / 1000 })
const at = (time: number) => new Date(time * 1000).toISOString().replace('.000Z', 'Z')

describe('properties', () => {
  it('what $addTime adds, $timeBetween counts', () => {
    const unit = fc.constantFrom('second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year')
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 300 }), unit, zone, (time, n, unit, zone) => {
        const record = { from: at(time), n, unit, zone }
        const to = value('$addTime(from, n, unit, zone)', record)
        expect(value('$timeBetween(from, to, unit, zone)', { ...record, to })).toBe(n)
        expect(value('$timeBetween(to, from, unit, zone)', { ...record, to })).toBe(n === 0 ? 0 : -n)
      }),
      { numRuns: 300 },
    )
  })

  it('days of a date go back and forth', () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: -20_000, max: 20_000 }), (time, n) => {
        const record = { date: at(time).slice(0, 10), n }
        expect(value('$addTime($addTime(date, n, "day"), -n, "day")', record)).toBe(record.date)
      }),
    )
  })

  it('a time lies in its unit: from its start on and before its end', () => {
    fc.assert(
      fc.property(seconds, fc.constantFrom('hour', 'day', 'week', 'month', 'year'), zone, (time, unit, zone) => {
        const record = { time: at(time), unit, zone }
        const [start, end] = [value('$startOf(time, unit, zone)', record), value('$endOf(time, unit, zone)', record)]
        expect(String(start) <= record.time && record.time < String(end)).toBe(true)
        expect(value('$startOf(time, unit, zone)', { ...record, time: start })).toBe(start)
      }),
      { numRuns: 300 },
    )
  })

  it('$parseTime reads what $formatTime writes', () => {
    const pattern = fc.constantFrom('YYYY-MM-DDTHH:mm:ssZ', 'ddd, D MMM YYYY h:mm:ss A ZZ', 'DD/MM/YYYY HH:mm:ss Z')
    fc.assert(
      fc.property(seconds, pattern, zone, (time, pattern, zone) => {
        const record = { time: at(time), pattern, zone }
        expect(value('$parseTime($formatTime(time, pattern, zone), pattern)', record)).toBe(record.time)
      }),
      { numRuns: 300 },
    )
  })

  it('a time of a zone is what Intl shows there', () => {
    fc.assert(
      fc.property(seconds, zone, (time, zone) => {
        const shown = new Date(time * 1000).toLocaleString('sv-SE', { timeZone: zone })
        expect(value('$formatTime(time, "YYYY-MM-DD HH:mm:ss", zone)', { time: at(time), zone })).toBe(shown)
      }),
    )
  })
})
