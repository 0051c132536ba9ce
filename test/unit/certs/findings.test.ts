import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { peculiarX509 as x509 } from '../../../src/adapters/x509.ts';
import { CERTIFICATE_RULES, judgePair } from '../../../src/certs/findings.ts';
import { covers } from '../../../src/certs/hosts.ts';
import type { WantedCertificate } from '../../../src/certs/model.ts';
import { lookAtPair, type PairText } from '../../../src/certs/read.ts';
import { type Made, makeCertificate, type Wish } from '../../fakes/certificate-maker.ts';

const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 10, 1);
const days = (count: number): Date => new Date(nowMs + count * DAY_MS);
const want: WantedCertificate = {
  name: 'proxy',
  door: 'Kong’s proxy',
  service: 'kong',
  port: 'proxyTls',
  hosts: ['localhost', 'api.shop.test'],
  insideHosts: ['kong'],
};
const HOSTS = [...want.hosts, ...want.insideHosts];
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

let root: Made;
let between: Made;
let other: Made;
let leaf: Made;

const make = (wish: Partial<Wish>): Promise<Made> =>
  makeCertificate({
    subject: 'leaf',
    issuer: root,
    hosts: HOSTS,
    notBefore: days(-1),
    notAfter: days(90),
    ...wish,
  });

const judge = (pair: Partial<PairText>, atMs = nowMs) =>
  judgePair(
    lookAtPair(x509, 'proxy', {
      certificate: leaf.cert,
      key: leaf.key,
      origin: 'issued',
      authority: root.cert,
      ...pair,
    }),
    want,
    { renewBeforeDays: 30, nowMs: atMs },
  );
const codes = (pair: Partial<PairText>, atMs = nowMs): string[] => judge(pair, atMs).map(({ code }) => code);
const judgeLeaf = async (wish: Partial<Wish>) => {
  const { cert, key } = await make(wish);
  return judge({ certificate: cert, key });
};

beforeAll(async () => {
  const authority = { isAuthority: true, notBefore: days(-1), notAfter: days(900) };
  root = await makeCertificate({ ...authority, subject: 'root' });
  other = await makeCertificate({ ...authority, subject: 'other root' });
  between = await make({ subject: 'between', isAuthority: true, hosts: [] });
  leaf = await make({});
});

describe('a certificate', () => {
  it('that is fit has no finding', () => {
    expect(judge({})).toEqual([]);
  });

  it('that is missing or no certificate is one finding, without others that only follow from it', () => {
    expect(codes({ certificate: null })).toEqual(['missing']);
    expect(codes({ certificate: 'not a certificate' })).toEqual(['unreadable']);
    expect(codes({ certificate: leaf.cert.replace(/MII[A-Za-z0-9+/]{40}/, '') })).toEqual(['unreadable']);
  });

  it('without a key, with one that is none, that is another’s or that asks for a passphrase is told apart', async () => {
    const encrypted = createPrivateKey(leaf.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    expect(codes({ key: null })).toEqual(['key-missing']);
    expect(codes({ key: 'not a key' })).toEqual(['key-unreadable']);
    expect(codes({ key: other.key })).toEqual(['key-mismatch']);
    const [finding, ...more] = judge({ key: String(encrypted) });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: 'key-encrypted', fix: expect.stringContaining('openssl pkey') });
  });

  it('is judged by its days: ended, near its end, not begun', () => {
    expect(judge({}, days(91).getTime())).toMatchObject([
      { code: 'expired', found: 'expired on 2027-01-30' },
    ]);
    expect(judge({}, days(61).getTime())).toMatchObject([{ code: 'near-end', found: 'has 29 days left' }]);
    expect(codes({}, days(60).getTime())).toEqual([]);
    const [early] = judge({}, days(-2).getTime());
    expect(early).toMatchObject({
      code: 'not-yet-valid',
      found: 'is not valid before 2026-10-31 00:00 UTC; the clock of this machine says 2026-10-30 00:00 UTC',
      fix: expect.stringMatching(/^Set the clock/),
    });
  });

  it('of another authority is told apart from one whose chain is missing', async () => {
    const behind = await make({ issuer: between });
    const own = { certificate: behind.cert, key: behind.key, origin: 'imported' } as const;
    expect(codes({ ...own, certificate: `${behind.cert}${between.cert}` })).toEqual([]);
    expect(judge(own)).toMatchObject([
      {
        code: 'chain-missing',
        found: expect.stringContaining('"between"'),
        fix: expect.stringContaining('--chain'),
      },
    ]);
    const foreign = await make({ issuer: other });
    const foreignPair = { certificate: foreign.cert, key: foreign.key };
    expect(judge(foreignPair)).toMatchObject([
      { code: 'wrong-authority', found: 'is signed by another authority, "other root"' },
    ]);
    expect(
      codes({ ...foreignPair, certificate: `${foreign.cert}${other.cert}`, origin: 'imported' }),
    ).toEqual(['wrong-authority']);
  });

  it('with a chain that has ended is found', async () => {
    const dead = await make({
      subject: 'dead',
      isAuthority: true,
      hosts: [],
      notAfter: days(-1),
      notBefore: days(-9),
    });
    const behind = await make({ issuer: dead });
    const chain = { certificate: `${behind.cert}${dead.cert}`, key: behind.key, origin: 'imported' } as const;
    expect(judge(chain)).toMatchObject([
      { code: 'chain-expired', found: 'has a chain with "dead", valid from 2026-10-23 to 2026-10-31 only' },
    ]);
  });

  it('for other hosts names those that are missing', async () => {
    expect(await judgeLeaf({ hosts: ['localhost', '*.test', 'kong'] })).toMatchObject([
      { code: 'wrong-host', found: 'is not valid for api.shop.test' },
    ]);
    expect(await judgeLeaf({ hosts: ['localhost', '*.shop.test', 'kong'] })).toEqual([]);
  });

  it('of the user’s own owes no name that only this machine or the stack knows', async () => {
    const judged = async (hosts: readonly string[]) => {
      const { cert, key } = await make({ hosts });
      return judge({ certificate: cert, key, origin: 'imported' });
    };
    expect(await judged(['api.shop.test'])).toEqual([]);
    expect(await judged(['www.shop.test'])).toMatchObject([
      {
        code: 'wrong-host',
        found: 'is not valid for api.shop.test',
        fix: expect.stringContaining('tls.hosts'),
      },
    ]);
  });

  it('of the user’s own, at a door that the stack itself asks by its name, owes that name', async () => {
    const { cert, key } = await make({ hosts: ['api.shop.test'] });
    const pair = { certificate: cert, key, origin: 'imported', authority: root.cert } as const;
    const asked = { ...want, name: 'elasticsearch', insideHosts: ['elasticsearch'], isAskedInside: true };
    expect(
      judgePair(lookAtPair(x509, 'elasticsearch', pair), asked, { renewBeforeDays: 30, nowMs }),
    ).toMatchObject([{ code: 'wrong-host', found: 'is not valid for elasticsearch' }]);
  });

  it('for clients, or of an authority, is no server’s', async () => {
    expect(await judgeLeaf({ purposes: [CLIENT_AUTH] })).toMatchObject([
      { code: 'wrong-purpose', found: 'is not meant for servers' },
    ]);
    expect(await judgeLeaf({ isAuthority: true })).toMatchObject([{ code: 'wrong-purpose' }]);
  });

  it('with a weak key or a weak signature is found', async () => {
    expect(await judgeLeaf({ rsaBits: 1024 })).toMatchObject([
      { code: 'weak-key', found: 'has a RSA key of 1024 bits only' },
    ]);
    expect(await judgeLeaf({ hash: 'SHA-1' })).toMatchObject([
      { code: 'weak-signature', found: 'is signed with sha1' },
    ]);
  });

  it('with RSA under an authority with ECDSA, and the other way round, is fine', async () => {
    const rsaRoot = await makeCertificate({ subject: 'rsa root', isAuthority: true, rsaBits: 2048 });
    const ecLeaf = await make({ issuer: rsaRoot });
    expect(await judgeLeaf({ rsaBits: 2048 })).toEqual([]);
    expect(codes({ certificate: ecLeaf.cert, key: ecLeaf.key, authority: rsaRoot.cert })).toEqual([]);
  });

  it('with several faults has a finding for each', async () => {
    const { cert } = await make({ hosts: ['localhost'], notAfter: days(3), rsaBits: 1024 });
    expect(codes({ certificate: cert })).toEqual(['key-mismatch', 'near-end', 'wrong-host', 'weak-key']);
  });

  it('has one rule for each code, and each stands in docs/certificates.md', async () => {
    const all = CERTIFICATE_RULES.map(({ code }) => code);
    expect(new Set(all).size).toBe(all.length);
    const page = await readFile(new URL('../../../docs/certificates.md', import.meta.url), 'utf8');
    for (const { code, meaning } of CERTIFICATE_RULES) expect(page).toContain(`| \`${code}\` | ${meaning} |`);
  });
});

describe('a name of a certificate', () => {
  it.each([
    ['*.shop.test', 'api.shop.test', true],
    ['*.shop.test', 'a.b.shop.test', false],
    ['*.shop.test', 'shop.test', false],
    ['*.shop.test', '*.shop.test', true],
    ['API.shop.test', 'api.SHOP.test', true],
    ['127.0.0.1', '127.0.0.1', true],
  ])('%s holds for %s: %s', (name, host, holds) => {
    expect(covers([name], host)).toBe(holds);
  });
});
