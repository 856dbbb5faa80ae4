using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Metadata;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>GETMETADATA (RFC 5464 section 4.2).</summary>
/// <param name="Name">Null: the server.</param>
/// <param name="MaxSize">Larger values are left out; null: none.</param>
internal sealed record GetMetadata(MailboxName? Name, IReadOnlyList<string> Entries, long? MaxSize, int Depth) : IAuthenticatedCommand<GetMetadata>
{
    public static Verb Verb { get; } = new("GETMETADATA") { Capability = "METADATA METADATA-SERVER" };

    public static GetMetadata Parse(ref ImapReader r)
    {
        long? maxSize = null;
        int? depth = null;
        r.Space();
        var first = r.NextIs('(');
        if (first)
        {
            Options(ref r, ref maxSize, ref depth);
            r.Space();
        }

        var name = r.MailboxOrNone();
        r.Space();

        // The examples of RFC 5464 have the options behind the mailbox, its grammar before it. No annotation's name begins with a letter.
        if (!first && (r.Remaining.StartsWith("(D"u8) || r.Remaining.StartsWith("(d"u8) || r.Remaining.StartsWith("(M"u8) || r.Remaining.StartsWith("(m"u8)))
        {
            Options(ref r, ref maxSize, ref depth);
            r.Space();
        }

        var entries = Metadata.Entries.List(ref r);
        r.End();
        return new(name, entries, maxSize, depth ?? 0);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        MailboxInfo? info = null;
        if (Name is { } name)
        {
            if ((info = await mail.Mailboxes.FindAsync(name, ct)) is null)
                return Reply.No("There is no such mailbox", Code.NonExistent);
            if (!Metadata.Entries.MayRead(info))
                return Reply.No("You may not see this", Code.NoPerm);
        }

        var found = await MetadataResponse.ReadAsync(session, mail, info, Entries, Depth, ct);
        var longest = MaxSize is { } most ? found.Where(a => a.Value?.Length > most).Select(static a => a.Value!.Length).DefaultIfEmpty().Max() : 0;
        await MetadataResponse.WriteAsync(session, Name, [.. found.Where(a => MaxSize is not { } size || (a.Value?.Length ?? 0) <= size)], ct);
        return longest > 0 ? Reply.Ok("Some are too long", Code.LongEntries(longest)) : Reply.Done;
    }

    private static void Options(ref ImapReader r, ref long? maxSize, ref int? depth)
    {
        r.Open();
        do
        {
            if (maxSize is null && r.TakeName("MAXSIZE"u8))
            {
                r.Space();
                maxSize = r.Number64();
            }
            else if (depth is null && r.TakeName("DEPTH"u8))
            {
                r.Space();
                depth = r.TakeName("0"u8) ? 0 : r.TakeName("1"u8) ? 1 : r.TakeName("INFINITY"u8) ? int.MaxValue : throw new SyntaxException("Expected 0, 1 or infinity");
            }
            else
            {
                throw new SyntaxException("There is no such option, or it is there twice");
            }
        }
        while (r.Take(' '));
        r.Close();
    }
}
