// A day of Thunderbird, inside of it. It ends with "done", or with what went wrong.
const [port, user, password, certificate, done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { NetUtil } = ChromeUtils.importESModule("resource://gre/modules/NetUtil.sys.mjs");
const msgWindow = Services.wm.getMostRecentWindow("mail:3pane").msgWindow;
const flags = Ci.nsMsgFolderFlags;

function check(what, expected, found) {
  if (JSON.stringify(expected) !== JSON.stringify(found)) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
  }
}

/** Runs a URL and waits for its end. */
const url = start => new Promise((resolve, reject) => start({
  OnStartRunningUrl() {},
  OnStopRunningUrl(which, status) { Components.isSuccessCode(status) ? resolve() : reject(new Error(`${which?.spec}: ${status}`)); },
  QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
}));

/** Runs a copy and waits for its end. */
const copied = start => new Promise((resolve, reject) => start({
  onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; },
  onStopCopy(status) { Components.isSuccessCode(status) ? resolve() : reject(new Error(`copy: ${status}`)); },
  QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
}));

async function until(what, test) {
  for (let i = 0; i < 600; i++) {
    if (test()) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}

function account() {
  const authorities = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
  const its = authorities.constructX509FromBase64(certificate.replace(/-----[^-]+-----|\s/g, ""));
  Cc["@mozilla.org/security/certoverride;1"].getService(Ci.nsICertOverrideService).rememberValidityOverride("localhost", port, {}, its, true);
  const server = MailServices.accounts.createIncomingServer(user, "localhost", "imap");
  server.port = port;
  server.socketType = Ci.nsMsgSocketType.SSL;
  server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
  server.password = password;
  const account = MailServices.accounts.createAccount();
  const identity = MailServices.accounts.createIdentity();
  identity.email = user;
  account.addIdentity(identity);
  account.incomingServer = server;
  return server;
}

const messages = folder => [...folder.messages];
const named = (folder, subject) => messages(folder).find(m => m.mime2DecodedSubject === subject);
const state = folder => messages(folder).map(m => `${m.mime2DecodedSubject}${m.isRead ? " seen" : ""}${m.isFlagged ? " flagged" : ""}`).sort();

/** The source of a message, as the server sends it. */
function text(folder, message) {
  const uri = folder.getUriForMsg(message);
  return new Promise((resolve, reject) => {
    let octets = "";
    MailServices.messageServiceFromURI(uri).streamMessage(uri, {
      onStartRequest() {},
      onDataAvailable(request, stream, offset, count) { octets += NetUtil.readInputStreamToString(stream, count); },
      onStopRequest(request, status) { Components.isSuccessCode(status) ? resolve(new TextDecoder().decode(Uint8Array.from(octets, c => c.charCodeAt(0)))) : reject(new Error(`${uri}: ${status}`)); },
      QueryInterface: ChromeUtils.generateQI(["nsIStreamListener"]),
    }, null, null, false, "", false);
  });
}

/** A message in a file. */
function written() {
  const file = Services.dirsvc.get("ProfD", Ci.nsIFile);
  file.append("written.eml");
  const stream = Cc["@mozilla.org/network/file-output-stream;1"].createInstance(Ci.nsIFileOutputStream);
  stream.init(file, -1, -1, 0);
  const content = "From: ann@example.test\r\nDate: Wed, 4 Mar 2026 10:00:00 +0200\r\nSubject: By Thunderbird\r\n\r\nHello.\r\n";
  stream.write(content, content.length);
  stream.close();
  return file;
}

/** Subjects of what the server finds in bodies. */
function search(folder, words) {
  const session = Cc["@mozilla.org/messenger/searchSession;1"].createInstance(Ci.nsIMsgSearchSession);
  session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, folder);
  const term = session.createTerm();
  const value = term.value;
  value.attrib = Ci.nsMsgSearchAttrib.Body;
  value.str = words;
  term.attrib = Ci.nsMsgSearchAttrib.Body;
  term.op = Ci.nsMsgSearchOp.Contains;
  term.value = value;
  session.appendTerm(term);
  return new Promise(resolve => {
    const found = [];
    session.registerListener({
      onNewSearch() {},
      onSearchHit(message) { found.push(message.mime2DecodedSubject); },
      onSearchDone() { resolve(found.sort()); },
      QueryInterface: ChromeUtils.generateQI(["nsIMsgSearchNotify"]),
    });
    session.search(null);
  });
}

async function day() {
  const server = account();
  const root = server.rootFolder;
  server.performExpand(null);
  await until("folders", () => root.subFolders.length >= 7 && root.subFolders.every(f => f.QueryInterface(Ci.nsIMsgImapMailFolder).verifiedAsOnlineFolder));
  const inbox = root.getFolderWithFlags(flags.Inbox);
  inbox.updateFolder(msgWindow);
  await until("letters", () => messages(inbox).length === 4);
  check("INBOX", ["Letter 1 seen", "Letter 2", "Letter 3", "Letter 4"], state(inbox));
  check("folders", ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "Работа"], root.subFolders.map(f => f.name).sort());
  const archive = root.getFolderWithFlags(flags.Archive);
  check("a letter", true, (await text(inbox, named(inbox, "Letter 3"))).includes("Grüße: Letter 3"));

  inbox.markMessagesFlagged([named(inbox, "Letter 2")], true);
  inbox.addKeywordsToMessages([named(inbox, "Letter 2")], "$label1");
  inbox.markMessagesRead([named(inbox, "Letter 1")], false);
  await copied(listener => MailServices.copy.copyMessages(inbox, [named(inbox, "Letter 3")], archive, true, listener, null, false));
  await copied(listener => MailServices.copy.copyMessages(inbox, [named(inbox, "Letter 1")], archive, false, listener, null, false));
  await copied(listener => inbox.deleteMessages([named(inbox, "Letter 4")], null, false, true, listener, false));
  await url(listener => inbox.compact(listener, msgWindow));
  await copied(listener => MailServices.copy.copyFileMessage(written(), archive, null, false, 0, "", listener, null));
  root.createSubfolder("New", msgWindow);
  await until("the new folder", () => root.containsChildNamed("New"));
  check("found", ["Letter 2"], await search(inbox, "Grüße: Letter 2"));

  // Push: the test adds a letter once it sees IDLE, which an update leaves the connection in.
  inbox.updateFolder(msgWindow);
  await until("a letter from the phone", () => named(inbox, "From the phone"));
  check("INBOX in the end", ["From the phone", "Letter 1", "Letter 2 flagged"], state(inbox));
}

day().then(() => done("done"), error => done(`${error}\n${error.stack}`));
