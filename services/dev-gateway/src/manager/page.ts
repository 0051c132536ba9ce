import { GATEWAY_NAME, SPOKEN_KONG_VERSION } from '../identity.ts';
import type { Plugin, Reference, Route, Upstream } from '../model/entities.ts';
import type { TargetHealth, UpstreamHealth } from '../model/health.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type Html, html } from './html.ts';
import { maskedConfig } from './mask.ts';
import { STYLE } from './style.ts';

const row = (cells: readonly unknown[]): Html =>
  html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;

function table(title: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): Html {
  const body =
    rows.length === 0
      ? html`<tr><td class="none" colspan="${columns.length}">none yet</td></tr>`
      : html`${rows.map(row)}`;
  return html`<section><h2>${title} <small>${rows.length}</small></h2>
<div class="wide"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div></section>`;
}

const list = (values: readonly string[] | null): Html =>
  html`${values === null || values.length === 0 ? null : values.map((value) => html`<code>${value}</code> `)}`;

const nameOf = (
  entities: ReadonlyMap<string, { name: string | null }>,
  reference: Reference | null,
): string | null => (reference === null ? null : (entities.get(reference.id)?.name ?? reference.id));

const badge = (state: string): Html => html`<span class="badge ${state.toLowerCase()}">${state}</span>`;

const onOff = (isOn: boolean): Html =>
  html`<span class="${isOn ? 'on' : 'off'}">${isOn ? 'on' : 'off'}</span>`;

const matchers = (route: Route): Html =>
  html`${Object.entries(route.headers ?? {}).map(([name, values]) => html`<code>${name}: ${values.join(' | ')}</code> `)}${
    route.headers === null && route.snis === null ? null : list(route.snis)
  }`;

function services({ services: entities }: Snapshot): Html {
  const rows = [...entities.values()].map((service) => [
    html`<strong>${service.name ?? service.id}</strong>`,
    html`<code>${service.protocol}://${service.host}:${service.port}${service.path ?? ''}</code>`,
    `${service.retries}`,
    `${service.connect_timeout} / ${service.write_timeout} / ${service.read_timeout} ms`,
    onOff(service.enabled),
    list(service.tags),
  ]);
  const columns = ['Service', 'Address', 'Retries', 'Connect / write / read', 'Enabled', 'Tags'];
  return table('Services', columns, rows);
}

function routes(snapshot: Snapshot): Html {
  const rows = [...snapshot.routes.values()].map((route) => [
    html`<strong>${route.name ?? route.id}</strong>`,
    nameOf(snapshot.services, route.service),
    list(route.methods),
    list(route.hosts),
    list(route.paths),
    matchers(route),
    route.protocols.join(', '),
    onOff(route.strip_path),
  ]);
  const columns = [
    'Route',
    'Service',
    'Methods',
    'Hosts',
    'Paths',
    'Headers and SNIs',
    'Protocols',
    'Strip path',
  ];
  return table('Routes', columns, rows);
}

const addresses = (view: TargetHealth | undefined): Html =>
  html`${view?.addresses.map(({ ip, port, health }) => html`<code>${ip}:${port}</code> ${badge(health)} `) ?? null}`;

function upstreamTargets(
  upstream: Upstream,
  snapshot: Snapshot,
  health: UpstreamHealth,
): (readonly unknown[])[] {
  const views = new Map(health.targetHealth(upstream.id).map((view) => [view.targetId, view]));
  const targets = [...snapshot.targets.values()].filter((target) => target.upstream.id === upstream.id);
  const name = html`<strong>${upstream.name}</strong>`;
  if (targets.length === 0) return [[name, upstream.algorithm, null, null, null, null]];
  return targets.map((target) => {
    const view = views.get(target.id);
    const state = view === undefined ? null : badge(view.health);
    return [
      name,
      upstream.algorithm,
      html`<code>${target.target}</code>`,
      target.weight,
      state,
      addresses(view),
    ];
  });
}

function targets(snapshot: Snapshot, health: UpstreamHealth): Html {
  const rows = [...snapshot.upstreams.values()].flatMap((upstream) =>
    upstreamTargets(upstream, snapshot, health),
  );
  return table(
    'Upstream targets',
    ['Upstream', 'Algorithm', 'Target', 'Weight', 'Health', 'Addresses'],
    rows,
  );
}

function scope(plugin: Plugin, snapshot: Snapshot): string {
  const consumer = plugin.consumer && snapshot.consumers.get(plugin.consumer.id);
  const parts = [
    ['service', nameOf(snapshot.services, plugin.service)],
    ['route', nameOf(snapshot.routes, plugin.route)],
    ['consumer', plugin.consumer && (consumer?.username ?? plugin.consumer.id)],
  ].flatMap(([kind, name]) => (name === null ? [] : [`${kind} ${name}`]));
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

function plugins(snapshot: Snapshot, servedPlugins: ReadonlySet<string>): Html {
  const rows = [...snapshot.plugins.values()].map((plugin) => {
    const config = maskedConfig(plugin.name, { ...plugin.config });
    const set = Object.entries(config).filter(([, value]) => value !== null);
    const lines = set.map(
      ([name, value]) =>
        html`<code>${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}</code> `,
    );
    return [
      html`<strong>${plugin.name}</strong>`,
      scope(plugin, snapshot),
      servedPlugins.has(plugin.name)
        ? onOff(plugin.enabled)
        : html`<span class="unhealthy">stored, but this gateway has no code for it</span>`,
      html`${lines}`,
    ];
  });
  return table('Plugins', ['Plugin', 'Works on', 'Enabled', 'Configuration'], rows);
}

function consumers(snapshot: Snapshot): Html {
  const keys = [...snapshot.keyAuthCredentials.values()];
  const rows = [...snapshot.consumers.values()].map((consumer) => [
    html`<strong>${consumer.username ?? consumer.id}</strong>`,
    consumer.custom_id,
    keys.filter((key) => key.consumer.id === consumer.id).length,
    list(consumer.tags),
  ]);
  return table('Consumers', ['Consumer', 'Custom id', 'API keys', 'Tags'], rows);
}

/**
 * The whole page: what is configured and how the targets are, without any credential.
 *
 * @param servedPlugins names of the plugins that the proxy has code for
 */
export function renderPage(
  snapshot: Snapshot,
  health: UpstreamHealth,
  servedPlugins: ReadonlySet<string>,
): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${GATEWAY_NAME}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${GATEWAY_NAME}</h1>
<p>This is not Kong. It is a gateway for development that speaks the Admin API of Kong ${SPOKEN_KONG_VERSION}.
This page only shows what is configured; reload it to see changes.</p></header>
<main>${services(snapshot)}${routes(snapshot)}${targets(snapshot, health)}${plugins(snapshot, servedPlugins)}${consumers(snapshot)}</main>
<footer>Configuration version ${snapshot.version}. Credentials are never shown here.</footer>
</body>
</html>
`;
  return page.text;
}
