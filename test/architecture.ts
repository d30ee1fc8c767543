/** The architecture as data: the test enforces it and docs/architecture.md is printed from it. */

/** Room → the rooms it may import besides itself. Folder order is flow order. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  protocol: ['lib'],
  model: ['lib', 'protocol'],
  config: ['lib', 'protocol', 'model'],
  probe: ['lib', 'protocol', 'model'],
  mailbox: ['lib', 'protocol', 'model'],
  check: ['lib', 'protocol', 'model', 'config'],
  incident: ['lib', 'protocol', 'model'],
  announce: ['lib', 'protocol', 'model', 'config'],
  store: ['lib', 'protocol', 'model'],
  mail: ['lib', 'protocol'],
  notify: ['lib', 'protocol', 'model', 'announce', 'mail'],
  lab: ['lib', 'protocol', 'model'],
  app: [
    'lib',
    'protocol',
    'model',
    'config',
    'probe',
    'check',
    'incident',
    'announce',
    'store',
    'mail',
    'notify',
  ],
  cli: [
    'lib',
    'protocol',
    'model',
    'config',
    'probe',
    'mailbox',
    'check',
    'incident',
    'announce',
    'store',
    'mail',
    'notify',
    'lab',
    'app',
  ],
  main: ['cli'],
}

export const ROOM_PURPOSES: Readonly<Record<string, string>> = {
  lib: 'words the language lacks: time, cron slots, result, secret, display, log',
  protocol: 'the standards: parse, format, match. Knows nothing of us',
  model: 'our nouns, from Observation to Notification. Data only',
  config: 'environment and watch.yaml → frozen configuration',
  probe: 'looks at a domain → Snapshot (DNS, HTTPS, SMTP)',
  mailbox: 'a file or mail → TLS reports',
  check: 'Snapshot → Judgement; two Snapshots → Changes; can we see at all?',
  incident: 'Judgement + memory → Transitions',
  announce: 'Transitions → Notifications; the words',
  store: 'keeps and finds everything; jobs; outbox (SQLite)',
  mail: 'composes and sends one message (SMTP)',
  notify: 'Notification → channel (terminal, Slack, e-mail, webhook)',
  lab: 'the simulated internet on loopback, for the demo and the tests',
  app: 'composition: schedule, lanes, jobs, start and stop',
  cli: 'arguments → app or one pure call; prints',
  main: 'entry; sets the exit status',
}

/** No clock, network, file or randomness but through arguments. */
export const PURE_ROOMS: readonly string[] = ['protocol', 'model', 'check', 'incident', 'announce']

/** Library → the files (or folders) that may import it. */
export const LIBRARY_HOMES: Readonly<Record<string, readonly string[]>> = {
  '@peculiar/x509': ['lab/ca.ts'],
  '@slack/web-api': ['notify/slack.ts'],
  commander: ['cli/cli.ts'],
  'dns-packet': ['probe/dns-message.ts', 'lab/dns.ts'],
  kysely: ['store'],
  'node-cron': ['app/beat.ts'],
  nodemailer: ['mail/transport.ts'],
  'p-queue': ['probe/politeness.ts'],
  pino: ['lib/log.ts'],
  'postal-mime': ['mailbox/mime.ts'],
  'reflect-metadata': ['lab/ca.ts'],
  'smtp-server': ['lab/inbox.ts'],
  yaml: ['config/yaml.ts'],
  zod: ['config/watch-schema.ts'],
}
