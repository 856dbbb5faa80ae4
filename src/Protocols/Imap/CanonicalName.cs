using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap;

/// <summary>A mailbox name that the client wrote otherwise than it is written here: "inbox", or with characters in another form than NFC (RFC 9051 section 5.1).</summary>
internal readonly record struct CanonicalName(MailboxName Name, string Given);
