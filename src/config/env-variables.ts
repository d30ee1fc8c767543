/** One environment variable, as the documentation and .env.example tell it. */
export interface EnvVariable {
  readonly name: string
  /** The value that holds when it is unset; null when there is none. */
  readonly preset: string | null
  readonly meaning: string
}

/** Every variable that env.ts reads. */
export const ENV_VARIABLES: readonly EnvVariable[] = [
  {
    name: 'HEARTBEAT_URL',
    preset: null,
    meaning:
      'A dead-man switch: POSTed to every minute while the monitor does its work, and at `/fail` below it while it does not. Whoever watches it tells you when it stops. Or HEARTBEAT_URL_FILE.',
  },
  {
    name: 'PORT',
    preset: null,
    meaning:
      '`run` answers `GET /healthz` on this port: 200 while it does its work, else 503, with the reasons as JSON.',
  },
  {
    name: 'HOST',
    preset: '127.0.0.1',
    meaning: 'The address that PORT is opened at; 0.0.0.0 for all of them, as in a container.',
  },
  {
    name: 'SLACK_BOT_TOKEN',
    preset: null,
    meaning: 'Bot token (xoxb-…) for channels of type `slack`. Or SLACK_BOT_TOKEN_FILE.',
  },
  {
    name: 'SLACK_APP_TOKEN',
    preset: null,
    meaning:
      'App-level token (xapp-…, scope connections:write): puts the buttons *Acknowledge* and *Silence 4 h* under messages. Or SLACK_APP_TOKEN_FILE.',
  },
  {
    name: 'SLACK_API_URL',
    preset: 'https://slack.com/api/',
    meaning: 'Base URL of the Slack Web API, for GovSlack and for tests.',
  },
  {
    name: 'SMTP_URL',
    preset: null,
    meaning:
      'Where alert mail is handed in, for channels of type `email`: smtps://user:password@mail.example.net (port 465) or smtp://… (port 587, STARTTLS). Percent-encode user and password. Or SMTP_URL_FILE.',
  },
  {
    name: 'MAIL_FROM',
    preset: null,
    meaning: 'Sender of alert mail, a bare address such as stswatch@example.net.',
  },
  {
    name: 'IMAP_URL',
    preset: null,
    meaning:
      'The mailbox of TLS reports, for `mailbox:` in watch.yaml: imaps://user:password@mail.example.net (port 993) or imap://… (port 143, STARTTLS). Percent-encode user and password. Without the password when IMAP_ACCESS_TOKEN is set. Or IMAP_URL_FILE.',
  },
  {
    name: 'IMAP_ACCESS_TOKEN',
    preset: null,
    meaning:
      'OAuth2 access token for IMAP_URL, instead of a password. Or IMAP_ACCESS_TOKEN_FILE, which is read anew at each login, for tokens that something else renews.',
  },
  {
    name: 'DKIM_DOMAIN',
    preset: null,
    meaning:
      "Domain that signs our mail (DKIM): that of MAIL_FROM or its organisation's. Needs a key; make keys with `stswatch dkim keygen`, look at their records with `stswatch dkim check`.",
  },
  {
    name: 'DKIM_SELECTOR',
    preset: null,
    meaning: 'Name of the key for all mail: its record is at `<selector>._domainkey.<DKIM_DOMAIN>`.',
  },
  {
    name: 'DKIM_KEY_FILE',
    preset: null,
    meaning: 'That key: a PEM file of this user or root, mode 0600, RSA with at least 2048 bits.',
  },
  {
    name: 'DKIM_REPORT_SELECTOR',
    preset: null,
    meaning: 'Name of the key for TLS reports alone, whose record says s=tlsrpt.',
  },
  {
    name: 'DKIM_REPORT_KEY_FILE',
    preset: null,
    meaning: 'That key, with the same rules; `dkim check` looks at its record.',
  },
  {
    name: 'ALERT_WEBHOOK_URL',
    preset: null,
    meaning:
      'URL for channels of type `webhook` with `url_env: ALERT_WEBHOOK_URL`; any name that ends in _WEBHOOK_URL will do. Or ALERT_WEBHOOK_URL_FILE.',
  },
  {
    name: 'ALERT_WEBHOOK_SECRET',
    preset: null,
    meaning:
      'Signs what goes to ALERT_WEBHOOK_URL (HMAC-SHA256); at least 16 characters. Or ALERT_WEBHOOK_SECRET_FILE.',
  },
  { name: 'WATCH_CONFIG', preset: 'config/watch.yaml', meaning: 'The watch list.' },
  {
    name: 'DATABASE_FILE',
    preset: 'data/stswatch.db',
    meaning: 'The embedded database; its directory is made.',
  },
  {
    name: 'STSWATCH_LAB',
    preset: null,
    meaning: '1: the simulated internet on loopback, and nothing outside it, may be reached. For tests.',
  },
]
