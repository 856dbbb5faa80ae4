-- A day of imapfilter; settings come by the environment.
options.timeout = 60
options.subscribe = true
options.certificates = false
options.expunge = true
account = IMAP { server = 'localhost', port = tonumber(os.getenv('DAY_PORT')), username = os.getenv('DAY_USER'), password = os.getenv('DAY_PASSWORD') }

function same(expected, found)
    if expected ~= found then error('expected ' .. tostring(expected) .. ', found ' .. tostring(found), 2) end
end

mailboxes, folders = account:list_all()
same(7, #mailboxes)
account:create_mailbox('Work/2026')
account:rename_mailbox('Work/2026', 'Work/2027')
account:subscribe_mailbox('Work')
exist, recent, unseen, uidnext = account.INBOX:check_status()
same(4, exist)
same(3, unseen)

same(1, #account.INBOX:contain_subject('Letter 3'))
same(1, #(account.INBOX:is_unseen() * account.INBOX:contain_body('Letter 4')))
same(4, #account.INBOX:contain_from('bea@example.net'))
same(4, #account.INBOX:is_smaller(100000))
same(0, #account.INBOX:is_older(1))
same(1, #account.INBOX:match_subject('^Letter 2$'))
same('Letter 1', account.INBOX[1]:fetch_field('Subject'):gsub('^Subject: ', ''))
same('text/plain', account.INBOX[1]:fetch_structure()['1.1']['type']:lower())

account.INBOX:contain_subject('Letter 2'):mark_flagged()
account.INBOX:contain_subject('Letter 2'):add_flags({ '$Work' })
account.INBOX:contain_subject('Letter 3'):move_messages(account['Work'])
account.INBOX:contain_subject('Letter 1'):copy_messages(account['Work/2027'])
account.INBOX:contain_subject('Letter 4'):delete_messages()
account.Archive:append_message('From: ann@example.test\r\nSubject: By imapfilter\r\n\r\nHello.\r\n', '\\Seen', '04-Mar-2026 10:00:00 +0200')

-- Push.
same(2, #account.INBOX:select_all())
same(true, account.INBOX:enter_idle())
same(3, #account.INBOX:select_all())
