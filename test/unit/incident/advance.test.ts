import { describe, expect, it } from 'vitest'
import { advance } from '../../../src/incident/advance.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { FindingCode, Judgement } from '../../../src/model/finding.ts'
import type { ThreadId } from '../../../src/model/incident.ts'
import { countingTools, finding, lived, look, play, remember, START, said, TWO_SIGHTINGS } from './play.ts'

const EXPIRING: FindingCode = 'mx.certificate.expiring'

describe('the life of an incident', () => {
  it.each([
    ['ok ok ok', ''],
    ['bad', 'suspected'],
    ['bad ok', 'suspected dismissed'],
    ['bad ok bad ok', 'suspected dismissed suspected dismissed'],
    ['bad bad', 'suspected opened'],
    ['bad bad bad bad', 'suspected opened'],
    ['bad ? bad', 'suspected opened'],
    ['bad bad ok', 'suspected opened recovering'],
    ['bad bad ok ok', 'suspected opened recovering resolved'],
    ['bad bad ? ok ok', 'suspected opened recovering resolved'],
    ['bad bad ok ? ok', 'suspected opened recovering resolved'],
    ['bad bad ? ? ?', 'suspected opened'],
    ['bad bad ok bad ok ok', 'suspected opened recovering relapsed recovering resolved'],
    ['bad bad ok ok bad ok', 'suspected opened recovering resolved suspected dismissed'],
    ['bad bad ok ok bad bad', 'suspected opened recovering resolved suspected opened'],
    ['bad bad crit bad bad', 'suspected opened rising rising'],
    ['bad bad crit crit crit', 'suspected opened rising worsened'],
    ['bad bad crit ? crit bad', 'suspected opened rising worsened'],
    ['crit crit bad bad', 'suspected opened'],
  ])('%s → %s', (looks, life) => {
    expect(lived(play(looks))).toBe(life)
  })

  it('keeps id and conversation when a problem returns within six hours, and starts anew after them', () => {
    const soon = play(`bad bad ok ok ${'? '.repeat(60)}bad bad`)
    const late = play(`bad bad ok ok ${'? '.repeat(75)}bad bad`)
    const idsOf = ({ transitions }: typeof soon) =>
      new Set(transitions.map(({ incident }) => incident.id)).size
    const threadsOf = ({ transitions }: typeof soon) => {
      const told = transitions.filter(({ reason }) => reason === 'opened')
      return new Set(told.map(({ incident }) => incident.thread)).size
    }
    expect([idsOf(soon), threadsOf(soon), said(soon)]).toEqual([1, 1, 'opened resolved opened'])
    expect([idsOf(late), threadsOf(late), said(late)]).toEqual([2, 2, 'opened resolved opened'])
  })

  it('returns a resolved incident to its resolution when the new suspicion comes to nothing', () => {
    const { memory } = play('bad bad ok ok bad ok')
    const resolvedAt = START + 3 * 5 * MINUTE_MS
    expect(memory.map(({ phase }) => phase)).toMatchObject([{ name: 'resolved', resolvedAt }])
  })

  it('numbers what is told, and only that', () => {
    const { transitions } = play('bad bad crit crit ok ok bad bad')
    const numbers = transitions.map(({ reason, incident }) => `${reason} ${incident.transitions}`)
    expect(numbers).toEqual([
      'suspected 0',
      'opened 1',
      'rising 1',
      'worsened 2',
      'recovering 2',
      'resolved 3',
      'suspected 3',
      'opened 4',
    ])
  })

  it('remembers what was told and the worst it was', () => {
    const { memory } = play('bad bad crit crit bad')
    expect(memory).toMatchObject([
      { worst: 'critical', latest: { severity: 'critical' }, firstSeenAt: START },
    ])
  })
})

describe('confirmation', () => {
  it.each<[FindingCode, number, string, string]>([
    ['mx.host.unreachable', 5, 'bad bad bad', ''],
    ['mx.host.unreachable', 5, 'bad bad bad bad', 'opened'],
    ['mx.host.unreachable', 15, 'bad bad', ''],
    ['mx.host.unreachable', 15, 'bad bad bad', 'opened'],
    ['mx.certificate.expired', 1, 'bad bad', 'opened'],
    ['policy-host.certificate.expired', 1, 'bad bad bad bad bad', ''],
    ['policy-host.certificate.expired', 1, 'bad bad bad bad bad bad', 'opened'],
    ['domain.undecided', 10, 'bad bad bad bad bad bad', ''],
    ['domain.undecided', 10, 'bad bad bad bad bad bad bad', 'opened'],
    ['domain.undecided', 10, 'bad bad bad bad bad bad bad ok', 'opened resolved'],
    ['monitor.dns.blind', 1, 'bad bad bad', ''],
    ['monitor.dns.blind', 1, 'bad bad bad bad ok ok', 'opened resolved'],
    ['monitor.config.broken', 1, 'bad', 'opened'],
    ['monitor.config.broken', 1, 'bad ok', 'opened resolved'],
    ['monitor.mass-failure', 1, 'bad bad bad bad bad bad ok', ''],
    ['monitor.mass-failure', 1, 'bad bad bad bad bad bad bad ok bad ok ok', 'opened resolved'],
  ])('of %s, looked at every %i minutes: %s → %s', (code, minutes, looks, heard) => {
    expect(said(play(looks, { code, stepMs: minutes * MINUTE_MS }))).toBe(heard)
  })

  it('asks a lonely resolver twice as often before it believes that a record is missing', () => {
    const looks = (resolvers: number, times: number) =>
      said(
        play('bad '.repeat(times).trim(), {
          code: 'tlsrpt.record.missing',
          tools: countingTools({ resolvers }),
        }),
      )
    expect([looks(2, 2), looks(2, 3), looks(1, 5), looks(1, 6)]).toEqual(['', 'opened', '', 'opened'])
  })

  it('never counts one observation twice, however often it is judged', () => {
    const tools = countingTools()
    let memory = remember([], advance([], look('bad', TWO_SIGHTINGS, START), START, tools))
    for (let minutes = 1; minutes < 60; minutes++) {
      const now = START + minutes * MINUTE_MS
      const cached: Judgement = { ...look('bad', TWO_SIGHTINGS, START), observedAt: now }
      const steps = advance(memory, cached, now, tools)
      expect(steps).toEqual([])
      memory = remember(memory, steps)
    }
  })

  it.each([
    ['a clear look', 'bad', 'ok'],
    ['a clear look', 'bad bad', 'ok'],
    ['a graver sighting', 'bad bad', 'crit'],
    ['a sighting', 'bad bad ok', 'bad'],
    ['a sighting', 'bad bad ok ok', 'bad'],
  ])('takes no notice of %s made before what is known: %s, then an old %s', (_, looks, word) => {
    const { memory } = play(looks)
    const now = START + HOUR_MS
    const old = look(word, TWO_SIGHTINGS, START)
    expect(advance(memory, old, now, countingTools())).toEqual([])
    const fresh = look(word, TWO_SIGHTINGS, now)
    expect(advance(memory, fresh, now, countingTools())).toHaveLength(1)
  })

  it('keeps a suspicion from opening while the brake holds, and opens it at the next look after', () => {
    let holds = true
    const tools = countingTools({ hold: () => holds })
    let memory = play('bad bad bad bad', { tools }).memory
    expect(memory).toMatchObject([{ phase: { name: 'suspected', sightings: 4 } }])
    holds = false
    const at = START + HOUR_MS
    const steps = advance(memory, look('bad', TWO_SIGHTINGS, at), at, tools)
    memory = remember(memory, steps)
    expect(steps.map(({ reason }) => reason)).toEqual(['opened'])
  })
})

describe('certificates', () => {
  const day = { code: EXPIRING, stepMs: 24 * HOUR_MS }

  it.each([
    ['rung21 rung21 rung21 rung7 rung7 rung3 rung1', 'opened worsened worsened worsened'],
    ['rung21 rung21 ? ? rung7 ? rung7', 'opened worsened'],
    ['rung7 rung7 rung21 rung7 rung3', 'opened worsened'],
  ])('are told once a rung: %s → %s', (looks, heard) => {
    expect(said(play(looks, day))).toBe(heard)
  })

  it('that expire go on in the conversation that warned of it, which rests until both are over', () => {
    const tools = countingTools()
    const host = { subject: 'mx1.example.com' }
    const expiring = (at: number) => finding(EXPIRING, at, { ...host, evidence: { rungDays: 1 } })
    const expired = (at: number) => finding('mx.certificate.expired', at, { ...host, severity: 'critical' })
    const days = [expiring, expiring, expired, expired, null, null]
    let memory = remember([], [])
    const heard = days.map((of, day) => {
      const at = START + day * 24 * HOUR_MS
      const steps = advance(
        memory,
        { findings: of ? [of(at)] : [], undecided: [], observedAt: at },
        at,
        tools,
      )
      memory = remember(memory, steps)
      return said({ transitions: steps })
    })
    expect(heard).toEqual(['', 'opened', '', 'opened', '', 'resolved resolved'])
    expect(new Set(memory.map(({ thread }) => thread)).size).toBe(1)
  })
})

describe('conversations', () => {
  it('are joined when the problem is shared, at the moment of opening', () => {
    const shared = 'thr_shared' as ThreadId
    const { transitions } = play('bad bad', { tools: countingTools({ threadFor: () => shared }) })
    expect(transitions.map(({ incident }) => incident.thread)).toEqual(['thr_2', shared])
  })
})
