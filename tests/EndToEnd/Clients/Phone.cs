using System.Net.Security;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>The user's other device: changes the account behind the client's back, and looks at what the client has made of it.</summary>
internal sealed class Phone : IAsyncDisposable
{
    private static readonly RemoteCertificateValidationCallback AnyCertificate = (_, _, _, _) => true;

    private readonly ImapClient _imap = new() { ServerCertificateValidationCallback = AnyCertificate, CheckCertificateRevocation = false };

    public static async Task<Phone> ConnectAsync(ServerProcess server, string account)
    {
        var phone = new Phone();
        await phone._imap.ConnectAsync(server.Address.ToString(), server.Imaps, SecureSocketOptions.SslOnConnect);
        await phone._imap.AuthenticateAsync(account, ClientServer.Password);
        return phone;
    }

    /// <summary>A letter whose subject is its only difference.</summary>
    public static MimeMessage Letter(string subject)
    {
        var message = new MimeMessage { Subject = subject, MessageId = subject.Replace(' ', '.') + "@example.net", Date = new(2026, 3, 4, 10, 0, 0, TimeSpan.FromHours(2)) };
        message.From.Add(new MailboxAddress("Bea Bräu", "bea@example.net"));
        message.To.Add(new MailboxAddress("Ann", "ann@example.test"));
        var body = new BodyBuilder { TextBody = $"Grüße: {subject}\r\n", HtmlBody = $"<p>Grüße: {subject}</p>\r\n" };
        body.Attachments.Add("notes.txt", "Notes"u8.ToArray());
        message.Body = body.ToMessageBody();
        message.Prepare(EncodingConstraint.EightBit);
        return message;
    }

    public async Task CreateAsync(string name)
    {
        var created = await _imap.GetFolder(_imap.PersonalNamespaces[0]).CreateAsync(name, true);
        await created!.SubscribeAsync();
    }

    public async Task AppendAsync(string mailbox, string subject, MessageFlags flags = MessageFlags.None) =>
        await (await _imap.GetFolderAsync(mailbox)).AppendAsync(Letter(subject), flags);

    public async Task FlagAsync(string mailbox, string subject, MessageFlags flags)
    {
        var folder = await OpenAsync(mailbox, FolderAccess.ReadWrite);
        await folder.AddFlagsAsync(await folder.SearchAsync(SearchQuery.SubjectContains(subject)), flags, silent: true);
        await folder.CloseAsync(false);
    }

    public async Task RemoveAsync(string mailbox, string subject)
    {
        var folder = await OpenAsync(mailbox, FolderAccess.ReadWrite);
        var uids = await folder.SearchAsync(SearchQuery.SubjectContains(subject));
        await folder.AddFlagsAsync(uids, MessageFlags.Deleted, silent: true);
        await folder.ExpungeAsync(uids);
        await folder.CloseAsync(false);
    }

    /// <summary>Every message by its subject, with its flags ("Letter 1: Seen, Flagged"), in the mailbox' order.</summary>
    public async Task<string[]> ReadAsync(string mailbox)
    {
        var folder = await OpenAsync(mailbox, FolderAccess.ReadOnly);
        var summaries = await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.Flags);
        await folder.CloseAsync(false);
        return [.. summaries.Select(s => $"{s.Envelope!.Subject}: {s.Flags & ~MessageFlags.Recent}{string.Concat(s.Keywords.Select(k => ", " + k))}".Replace(": None", "", StringComparison.Ordinal))];
    }

    /// <summary>The octets of a message.</summary>
    public async Task<byte[]> OctetsAsync(string mailbox, string subject)
    {
        var folder = await OpenAsync(mailbox, FolderAccess.ReadOnly);
        var uid = (await folder.SearchAsync(SearchQuery.SubjectContains(subject)))[0];
        await using var stream = await folder.GetStreamAsync(uid);
        await folder.CloseAsync(false);
        using var octets = new MemoryStream();
        await stream.CopyToAsync(octets);
        return octets.ToArray();
    }

    public async Task<string[]> MailboxesAsync() =>
        [.. (await _imap.GetFolder(_imap.PersonalNamespaces[0]).GetSubfoldersAsync(false)).Select(f => f.FullName).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _imap.DisconnectAsync(true);
        _imap.Dispose();
    }

    private async Task<IMailFolder> OpenAsync(string mailbox, FolderAccess access)
    {
        var folder = await _imap.GetFolderAsync(mailbox);
        await folder.OpenAsync(access);
        return folder;
    }
}
