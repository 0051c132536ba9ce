import { describe, expect, it } from 'vitest';
import { parseBody, UnsupportedMediaTypeError } from '../../src/admin/body.ts';
import { parseForm, typedForm } from '../../src/admin/form.ts';
import { corsHeaders, isForeignWrite } from '../../src/admin/origin.ts';
import { PathTable } from '../../src/admin/path-table.ts';
import { requireEntity } from '../../src/schema/registry.ts';

describe('a form', () => {
  it('may reach into records and lists', () => {
    expect(parseForm('config.minute=5&paths[]=/a&paths[]=/b&service[id]=x&tags=one&tags=two')).toEqual({
      config: { minute: '5' },
      paths: ['/a', '/b'],
      service: { id: 'x' },
      tags: ['one', 'two'],
    });
  });

  it('takes the types that the table asks for, and leaves what does not fit to validation', () => {
    const { fields } = requireEntity('services');
    const form = { port: '99', enabled: 'false', tags: 'a', retries: 'many', path: '' };
    expect(typedForm(fields, form)).toEqual({
      port: 99,
      enabled: false,
      tags: ['a'],
      retries: 'many',
      path: null,
    });
  });

  it('cannot reach the prototype of anything', () => {
    expect(parseForm('__proto__.polluted=1&a.__proto__.b=1')).toEqual({});
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('a body', () => {
  const parts =
    '--x\r\nContent-Disposition: form-data; name="cert"; filename="tls.crt"\r\nContent-Type: text/plain\r\n\r\n' +
    'line 1\r\nline 2\r\n--x\r\nContent-Disposition: form-data; name="tags[]"\r\n\r\na\r\n--x--\r\n';

  it('may come in parts, as files do', () => {
    expect(parseBody('multipart/form-data; boundary=x', Buffer.from(parts)).body).toEqual({
      cert: 'line 1\r\nline 2',
      tags: ['a'],
    });
  });

  it.each(['[1]', '"text"', 'null', '{'])('is refused as JSON when it is %s', (text) => {
    expect(() => parseBody('application/json', Buffer.from(text))).toThrow('Cannot parse JSON body');
  });

  it('is refused without a content type that is known', () => {
    expect(() => parseBody(undefined, Buffer.from('{}'))).toThrow(UnsupportedMediaTypeError);
    expect(() => parseBody('text/csv', Buffer.alloc(0))).toThrow(UnsupportedMediaTypeError);
    expect(parseBody(undefined, Buffer.alloc(0)).body).toEqual({});
  });
});

describe('the table of paths', () => {
  const table = new PathTable(
    ['/', '/plugins/{plugins}', '/plugins/enabled', '/a/{b}/c'].map((path) => ({ path, methods: {} })),
  );

  it('prefers fixed words to variables', () => {
    expect(table.match('/plugins/enabled')?.path.path).toBe('/plugins/enabled');
    expect(table.match('/plugins/other')?.params).toEqual({ plugins: 'other' });
  });

  it('decodes variables, lets a slash at the end pass, and finds nothing for an empty variable', () => {
    expect(table.match('/a/x%2Fy%20z/c/')?.params).toEqual({ b: 'x/y z' });
    expect(table.match('/a//c')).toBeUndefined();
    expect(table.match('/a/b')).toBeUndefined();
    expect(table.match('/')?.path.path).toBe('/');
  });
});

describe('pages in a browser', () => {
  const gui = 'http://localhost:8002';

  it('may read answers only from the origin that is configured', () => {
    expect(corsHeaders('http://evil.test', gui, false, undefined)['access-control-allow-origin']).toBe(gui);
    expect(corsHeaders('http://evil.test', undefined, false, undefined)).toEqual({});
  });

  it('are told apart from what asks without an origin, which gets what Kong says', () => {
    expect(corsHeaders(undefined, undefined, true, undefined)['access-control-allow-origin']).toBe('*');
    expect(corsHeaders(undefined, gui, false, undefined)['access-control-allow-origin']).toBe(gui);
  });

  it('may change something only from that origin or from the gateway itself', () => {
    expect(isForeignWrite('POST', 'http://evil.test', gui, 'localhost:8001')).toBe(true);
    expect(isForeignWrite('POST', 'null', gui, 'localhost:8001')).toBe(true);
    expect(isForeignWrite('POST', gui, gui, 'localhost:8001')).toBe(false);
    expect(isForeignWrite('POST', 'http://localhost:8001', gui, 'localhost:8001')).toBe(false);
    expect(isForeignWrite('POST', undefined, gui, 'localhost:8001')).toBe(false);
    expect(isForeignWrite('GET', 'http://evil.test', gui, 'localhost:8001')).toBe(false);
  });
});
