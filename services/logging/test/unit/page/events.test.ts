import { describe, expect, it } from 'vitest';
import type { EventDocument } from '../../../web/api/answers.ts';
import { attributesOf, badgeOf, fieldsOf, levelOf, originOf, recordText } from '../../../web/model/event.ts';
import { anEvent } from './an-event.ts';

const named = (event: EventDocument) =>
  Object.fromEntries(attributesOf(event).fields.map((field) => [field.name, field]));

describe('an event as a row', () => {
  it('shows the status of a request and the level of everything else', () => {
    expect(badgeOf(anEvent({ kind: 'access', 'http.response.status_code': 404 }))).toBe('404');
    expect(badgeOf(anEvent({ severity_text: 'WARNING' }))).toBe('warning');
    expect(badgeOf(anEvent({ severity_text: null }))).toBe('–');
  });

  it('names its instance, and its service where that says more', () => {
    expect(originOf(anEvent({ source: 'backend-1', 'service.name': 'shop' }))).toBe('backend-1 · shop');
    expect(originOf(anEvent({ source: 'shop', 'service.name': 'shop' }))).toBe('shop');
    expect(originOf(anEvent({ source: 'kong' }))).toBe('kong');
  });

  it.each([
    [0, 'none'],
    [1, 'debug'],
    [9, 'info'],
    [13, 'warn'],
    [17, 'error'],
    [24, 'error'],
  ])('takes the severity %i for %s', (severity_number, level) => {
    expect(levelOf({ severity_number })).toBe(level);
  });
});

describe('an event opened', () => {
  it('lists the fields that it has, each with the filter that finds it again', () => {
    const fields = fieldsOf(
      anEvent({ 'service.name': 'shop', severity_text: 'odd', severity_number: 0, duration_ms: 0 }),
    );
    const byName = Object.fromEntries(fields.map(({ name, ...rest }) => [name, rest]));
    expect(byName['service.name']).toEqual({ value: 'shop', filter: { name: 'service', value: 'shop' } });
    expect(byName.severity_text).toEqual({ value: 'odd', filter: undefined });
    expect(byName.duration_ms?.value).toBe('0');
    expect(byName).not.toHaveProperty('trace_id');
  });

  it('lists every value of the record by its path', () => {
    const attributes = { a: { b: [1, { c: 'x' }] }, 'd.e': true, f: null, g: {} };
    const fields = named(anEvent({ attributes }));
    expect(Object.keys(fields)).toEqual(['a.b.0', 'a.b.1.c', 'd.e', 'f']);
    expect(fields['d.e']?.filter).toEqual({ name: 'attribute', value: 'd.e=true' });
  });

  it('offers a filter only for what the service can look up', () => {
    const attributes = {
      list: ['x'],
      nothing: null,
      'a"b': 1,
      'x=y': 1,
      deep: { 'with.dot': 1, plain: 1 },
      long: 'y'.repeat(500),
    };
    const fields = named(anEvent({ attributes }));
    const reachable = Object.values(fields).filter(({ filter }) => filter !== undefined);
    expect(reachable.map(({ name }) => name)).toEqual(['deep.plain']);
  });

  it('bounds what it lists of a record without end', () => {
    const attributes = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index]));
    const { fields, isCut } = attributesOf(anEvent({ attributes }));
    expect([fields.length, isCut]).toEqual([500, true]);
  });

  it('keeps a record that is no JSON as its text', () => {
    expect(recordText(anEvent({ attributes: 'plain text' }))).toBe('plain text');
    expect(recordText(anEvent({ attributes: { a: 1 } }))).toBe('{\n  "a": 1\n}');
  });
});
