import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiPrefix, describeServerError } from '../src/api-error.ts';

const error = { status: 413, text: 'Content Too Large' };
const bodyOf = (target: string, method = 'GET') => {
  const described = describeServerError(error, { method, target }, false);
  return described && JSON.parse(described.body);
};

describe('describeServerError', () => {
  it('describeServerError gives all keys of an error, with its code', () => {
    assert.deepEqual(bodyOf('/pulp/api/v2/users/?password=x', 'POST'), {
      _href: '/pulp/api/v2/users/',
      http_status: 413,
      http_request_method: 'POST',
      error_message: error.text,
      exception: null,
      traceback: null,
      error: { code: 'BODY_TOO_LARGE', description: error.text, data: {}, sub_errors: [] },
    });
  });

  it('describeServerError sends back a path and a method up to their limits, and cuts them there', () => {
    const path = `${apiPrefix}/`.padEnd(512, 'a');
    assert.equal(bodyOf(path)._href, path);
    assert.equal(bodyOf(`${path}a`)._href, path);
    const method = 'M'.repeat(32);
    assert.equal(bodyOf(path, method).http_request_method, method);
    assert.equal(bodyOf(path, `${method}M`).http_request_method, method);
  });

  it('describeServerError says nothing of other paths, other errors, and what is not the API', () => {
    for (const path of ['/', '/pulp/apis/', '/pulp/repos/pulp/api/', '']) {
      assert.equal(bodyOf(path), undefined, path);
    }
    const request = { method: 'GET', target: `${apiPrefix}/` };
    assert.equal(describeServerError({ status: 404, text: '' }, request, true), undefined);
    assert.equal(describeServerError(error, undefined, false), undefined);
    assert.match(
      describeServerError(error, undefined, true)?.body ?? '',
      /"_href":"\/pulp\/api\/"/,
    );
  });
});
