using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.EndToEnd.Web;

/// <summary>Puts messages into mailboxes as delivery would.</summary>
internal static class Letters
{
    public static async Task<Appended> PutAsync(this AccountMail mail, string message, FlagSet flags = default, DateTimeOffset? received = null, SpecialUse into = SpecialUse.None)
    {
        var box = into == SpecialUse.None ? await mail.Mailboxes.FindAsync(MailboxName.Inbox, default) : await mail.Mailboxes.FindAsync(into, default);
        await using var spool = mail.Blobs.Begin();
        await spool.WriteAsync(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")), default);
        return await mail.Messages.AppendAsync(box!.Id, [new(await spool.CompleteAsync(default, default), flags, received)], default);
    }

    public static Task<Appended> PutTextAsync(this AccountMail mail, string subject, string text = "Hello", string from = "Anna Berg <anna@elsewhere.test>", FlagSet flags = default) =>
        mail.PutAsync($"""
            From: {from}
            To: someone@example.test
            Subject: {subject}
            Date: Mon, 23 Nov 2026 10:00:00 +0100
            Message-ID: <{Guid.NewGuid():n}@elsewhere.test>
            Content-Type: text/plain; charset=utf-8

            {text}
            """, flags);
}
