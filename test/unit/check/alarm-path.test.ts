import { expect, test } from 'vitest'
import { alarmPathSentences, alertDomains } from '../../../src/check/alarm-path.ts'
import type { ChannelConfig } from '../../../src/config/watch-config.ts'
import type { ChannelId } from '../../../src/model/notification.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

const SLACK: ChannelConfig = { type: 'slack', channel: '#ops', minSeverity: 'info' }
const HOOK: ChannelConfig = { type: 'webhook', urlEnv: 'A_WEBHOOK_URL', format: 'json', minSeverity: 'info' }
const mail = (...to: readonly string[]): ChannelConfig => ({ type: 'email', to, minSeverity: 'info' })

function sentences(channels: Readonly<Record<string, ChannelConfig>>): readonly string[] {
  return alarmPathSentences({
    channels: new Map(Object.entries(channels).map(([id, channel]) => [id as ChannelId, channel])),
    watched: new Set(['example.com' as DomainName, 'xn--bcher-kva.example' as DomainName]),
    watchedHosts: new Set(['mx1.hoster.example']),
    mailHosts: new Map([
      ['hosted.example' as DomainName, ['mx9.other.example', 'mx1.hoster.example']],
      ['free.example' as DomainName, ['mx.free.example']],
    ]),
  })
}

test('ways of their own need no word', () => {
  expect(sentences({ a: SLACK, b: mail('x@free.example', 'y@unknown.example') })).toEqual([])
  expect(sentences({ console: { type: 'console', minSeverity: 'info' } })).toEqual([])
  expect(sentences({})).toEqual([])
})

test('Slack alone, in one channel or several', () => {
  expect(sentences({ ops: SLACK, night: SLACK })).toEqual([
    'Slack is the only way that alerts take (ops, night): while it cannot be reached nobody is told. Add a channel of type email or webhook.',
  ])
  expect(sentences({ ops: SLACK, hook: HOOK })).toEqual([])
})

test('an address at a watched domain', () => {
  expect(sentences({ mail: mail('postmaster@example.com', 'x@free.example') })).toEqual([
    'channel mail: postmaster@example.com is delivered by the mail hosts of example.com, which is watched: what breaks there may keep its own alert back. Add an address that is delivered elsewhere, or a channel of another type.',
  ])
  expect(sentences({ mail: mail('a@bücher.example') })[0]).toContain(
    'mail hosts of bücher.example, which is watched',
  )
})

test('an address that a watched mail host delivers, with another channel beside it', () => {
  expect(sentences({ mail: mail('a@hosted.example'), ops: SLACK })).toEqual([
    'channel mail: a@hosted.example is delivered by mx1.hoster.example, a mail host of watched domains: what breaks there may keep its own alert back. Another channel tells it as well, so this is only to be known.',
  ])
})

test('whose mail hosts have to be known', () => {
  const channels = new Map([
    ['a' as ChannelId, mail('a@Hosted.example', 'b@hosted.example', 'c@free.example')],
    ['b' as ChannelId, SLACK],
  ])
  expect(alertDomains({ channels })).toEqual(['hosted.example', 'free.example'])
})
