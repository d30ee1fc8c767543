import { expect, test } from 'vitest'
import { Reloader } from '../../src/app/reloader.ts'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { openConfig, parseWatch } from './process.ts'
import { Stage, worldOf } from './stage.ts'

const NAMES = ['a.test', 'b.test', 'c.test', 'd.test', 'e.test', 'f.test']

test('a reload drops domains quietly, refuses a broken file and takes the mended one', async () => {
  const [first, ...others] = NAMES.map((name) => healthyDomain(name))
  const broken = { ...healthyDomain('a.test'), ...first, tlsrptRecord: ['v=TLSRPTv1; rua=nobody'] }
  await using stage = await Stage.open(worldOf([broken, ...others]))
  const { app, monitor, log } = stage.running
  const { clock } = stage
  let file = stage.watchText()
  const reloader = new Reloader({
    app,
    monitor,
    clock,
    log,
    load: async () => parseWatch(file, clock),
    open: (config) => openConfig(config, stage.surroundings(), stage.tools()),
  })
  await stage.pass(25)
  expect(await stage.openIncidents()).toEqual(['tlsrpt.record.invalid a.test'])
  expect(stage.slackTimes()).toHaveLength(1)

  file = stage.watchText({ domains: NAMES.slice(1) })
  expect(await reloader.reload()).toBe(true)
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.slackTimes()).toHaveLength(1)
  expect(stage.mailLabels()).toEqual(['warning'])

  file = '{"domains": ["b.test", "not a domain"], "chanels": {}}'
  expect(await reloader.reload()).toBe(false)
  await stage.pass(3)
  expect(await stage.openIncidents()).toEqual(['monitor.config.broken'])
  expect(app.settings.config.domains.map(({ name }) => name)).toEqual(NAMES.slice(1))
  expect(stage.slackRoots()[1]).toContain('channels')

  file = stage.watchText({ domains: NAMES.slice(1) })
  expect(await reloader.reload()).toBe(true)
  await stage.pass(3)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.mailLabels()).toEqual(['warning', 'warning', 'resolved'])
})

test('a file that has lost most of its domains is believed when it still says so ten minutes later', async () => {
  await using stage = await Stage.open(worldOf(NAMES.map((name) => healthyDomain(name))))
  const { app, monitor, log } = stage.running
  const { clock } = stage
  const reloader = new Reloader({
    app,
    monitor,
    clock,
    log,
    load: async () => parseWatch(stage.watchText({ domains: NAMES.slice(0, 1) }), clock),
    open: (config) => openConfig(config, stage.surroundings(), stage.tools()),
  })
  expect(await reloader.reload()).toBe(false)
  await stage.pass(5)
  expect(await reloader.reload()).toBe(false)
  expect(app.settings.config.domains).toHaveLength(NAMES.length)
  await stage.pass(5)
  expect(await reloader.reload()).toBe(true)
  expect(app.settings.config.domains).toHaveLength(1)
})
