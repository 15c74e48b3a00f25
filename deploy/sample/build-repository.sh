#!/usr/bin/env bash
# Rebuilds deploy/sample/repository/ from hello-portcullis.spec, with rpmbuild and createrepo_c.
# The result is committed, so that the sample needs neither; the fixed time makes builds comparable.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export SOURCE_DATE_EPOCH=1767225600 # 2026-01-01T00:00:00Z
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rpmbuild -bb --quiet hello-portcullis.spec \
  --define "_topdir $work" \
  --define '_buildhost localhost' \
  --define 'use_source_date_epoch_as_buildtime 1' \
  --define 'clamp_mtime_to_source_date_epoch 1' \
  --define '_binary_payload w9.gzdio'

rm -rf repository
mkdir repository
cp "$work"/RPMS/noarch/*.rpm repository/
touch --date="@$SOURCE_DATE_EPOCH" repository/*.rpm
createrepo_c --quiet --no-database --revision="$SOURCE_DATE_EPOCH" --set-timestamp-to-revision repository
