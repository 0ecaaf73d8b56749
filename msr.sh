sed 's#/work/main#/tmp/lead#g' /tmp/meta.mjs > .meta.mjs; node .meta.mjs; rm .meta.mjs
