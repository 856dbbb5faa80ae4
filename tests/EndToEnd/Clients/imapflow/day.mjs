// A day of imapflow: arguments are port, user, password, certificate. It prints "idle" when it waits for push, and then asserts what came.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';

const [port, user, pass, certificate] = process.argv.slice(2);
const client = new ImapFlow({ host: 'localhost', port: Number(port), secure: true, auth: { user, pass }, tls: { ca: readFileSync(certificate) }, qresync: true, logger: false });
await client.connect();

const tree = await client.list({ statusQuery: { messages: true, unseen: true, highestModseq: true } });
assert.deepEqual(tree.map(m => m.path).sort(), ['Archive', 'Drafts', 'INBOX', 'Junk', 'Sent', 'Trash', 'Работа']);
assert.equal(tree.find(m => m.specialUse === '\\Trash').path, 'Trash');
assert.equal(tree.find(m => m.path === 'INBOX').status.unseen, 3);
await client.mailboxCreate(['Проекты', '2026']);
await client.mailboxRename(['Проекты', '2026'], ['Проекты', '2027']);
await client.mailboxSubscribe('Проекты');
await client.mailboxDelete(['Проекты', '2027']);
await client.mailboxDelete('Проекты');
assert.ok(await client.getQuota('INBOX'));

const inbox = await client.mailboxOpen('INBOX');
assert.equal(inbox.exists, 4);
const modseq = inbox.highestModseq;
const all = await client.fetchAll('1:*', { uid: true, flags: true, envelope: true, bodyStructure: true, internalDate: true, size: true, threadId: true, labels: true });
assert.deepEqual(all.map(m => m.envelope.subject), ['Letter 1', 'Letter 2', 'Letter 3', 'Letter 4']);
assert.equal(all[0].bodyStructure.type, 'multipart/mixed');
const text = await client.download('3', '1.1', { uid: true });
assert.match(await new Response(text.content).text(), /^Grüße: Letter 3/);
assert.equal((await client.fetchOne('2', { headers: ['subject'], source: { start: 0, maxLength: 20 } })).headers.toString().trim(), 'Subject: Letter 2');

assert.deepEqual(await client.search({ seen: false, subject: 'Letter 3' }, { uid: true }), [3]);
assert.deepEqual(await client.search({ or: [{ from: 'nobody' }, { body: 'GRÜSSE: letter 4' }, { body: 'Grüße: Letter 4' }] }), [4]);
await client.messageFlagsAdd('2', ['\\Flagged', '$Work'], { uid: true });
await client.messageFlagsRemove('1', ['\\Seen'], { uid: true, silent: true });
const changed = await client.fetchAll('1:*', { uid: true, flags: true }, { changedSince: modseq });
assert.deepEqual(changed.map(m => m.uid), [1, 2]);

const appended = await client.append('Archive', 'From: ann@example.test\r\nSubject: By imapflow\r\n\r\nHello.\r\n', ['\\Seen'], new Date(1772611200000));
assert.equal(appended.uid, 2);
const moved = await client.messageMove('3', 'Работа', { uid: true });
assert.equal(moved.uidMap.get(3), 2);
const copied = await client.messageCopy('1:2', 'Archive', { uid: true });
assert.equal(copied.uidMap.size, 2);
assert.ok(await client.messageDelete('4', { uid: true }));

// Push: a letter, and a flag.
const exists = once(client, 'exists');
const idling = client.idle();
console.log('idle');
assert.equal((await exists)[0].count, 3);
await once(client, 'flags');
await client.noop();
await idling;
await client.mailboxClose();
await client.logout();
